//! Text for people, from the locale files. Nothing else in the program has any.
//!
//! Not its business: which code applies (engine).

use std::{collections::BTreeMap, sync::OnceLock};

use crate::args::Lang;

type Texts = BTreeMap<String, String>;

/// The texts of one language.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    lang: Lang,
}

impl Text {
    /// The language asked for, else that of the environment; Chinese first.
    pub(crate) fn choose(asked: Option<Lang>) -> Self {
        let lang = asked.unwrap_or_else(|| {
            let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
            match set {
                Some(value) if value.starts_with("zh") => Lang::ZhCn,
                Some(_) => Lang::En,
                None => Lang::ZhCn,
            }
        });
        Self { lang }
    }

    /// The text of a key; the key itself when it is missing, so that a gap is seen and never fatal.
    pub(crate) fn get<'a>(&self, key: &'a str) -> &'a str
    where
        Self: 'a,
    {
        texts(self.lang).get(key).map_or(key, String::as_str)
    }

    /// What happened, for a fault's code.
    pub(crate) fn error(&self, code: &str) -> String {
        self.get(&format!("err-{code}")).to_owned()
    }

    /// What to do, for a remedy.
    pub(crate) fn remedy(&self, remedy: &str) -> String {
        self.get(&format!("do-{remedy}")).to_owned()
    }
}

fn texts(lang: Lang) -> &'static Texts {
    static ZH: OnceLock<Texts> = OnceLock::new();
    static EN: OnceLock<Texts> = OnceLock::new();
    let (cell, source) = match lang {
        Lang::ZhCn => (&ZH, include_str!("../locales/zh-CN.json")),
        Lang::En => (&EN, include_str!("../locales/en.json")),
    };
    // A locale file that does not parse leaves keys in place of text; a test keeps it from being shipped.
    cell.get_or_init(|| serde_json::from_str(source).unwrap_or_default())
}
