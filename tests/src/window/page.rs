//! What a person can do with the page: find, read, click, type. W3C WebDriver, classic.
//!
//! An element is named by its `data-testid`, followed by what else it has to match: `desk.card[data-state="done"]`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{http, until};

/// A session of the driver's.
#[derive(Debug, Clone)]
pub struct Page {
    port: u16,
    session: String,
}

/// The name of an element in answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Within this time the page shows what follows from a click, unless something slow is waited for.
pub const SOON: Duration = Duration::from_secs(10);

impl Page {
    /// Opens the application through tauri-driver at `port`, and goes on with the driver behind it, at `native`: the one in
    /// front only knows how to start the application, and now and then loses a connection to the one behind.
    ///
    /// # Errors
    /// When the driver does not open it.
    pub fn open(port: u16, native: u16, application: &str, arguments: &[String]) -> Result<Self, String> {
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "wry",
            "tauri:options": {"application": application, "args": arguments},
        }}});
        let (_, answer) = http::ask(port, "POST", "/session", Some(&wanted))?;
        match answer.pointer("/value/sessionId").and_then(Value::as_str) {
            Some(session) => Ok(Self {
                port: native,
                session: session.to_owned(),
            }),
            None => Err(format!("no session: {answer}")),
        }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let (status, mut answer) = http::ask(self.port, method, &format!("/session/{}/{path}", self.session), body)?;
        match answer.get_mut("value").map(Value::take) {
            Some(value) if status == 200 => Ok(value),
            Some(error) => Err(format!("{path}: {} {}", error["error"], error["message"])),
            None => Err(format!("{path}: {answer}")),
        }
    }

    /// Ends the session, and with it the application.
    pub fn close(&self) {
        let _ended = http::ask(self.port, "DELETE", &format!("/session/{}", self.session), None);
    }

    /// Runs a function's body in the page.
    ///
    /// # Errors
    /// What the page threw.
    pub fn run(&self, body: &str, arguments: &[Value]) -> Result<Value, String> {
        self.ask(
            "POST",
            "execute/sync",
            Some(&json!({"script": body, "args": arguments})),
        )
    }

    /// The same where it must not fail.
    ///
    /// # Panics
    /// When it throws.
    #[must_use]
    pub fn told(&self, body: &str) -> Value {
        self.run(body, &[]).unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    fn find(&self, name: &str) -> Result<Vec<String>, String> {
        let found = self.ask(
            "POST",
            "elements",
            Some(&json!({"using": "css selector", "value": selector(name)})),
        )?;
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|element| Some(element[ELEMENT].as_str()?.to_owned()))
            .collect())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.find(name).map_or(0, |found| found.len())
    }

    /// Waits until there is one, for a while that the caller names.
    ///
    /// # Panics
    /// When there is none in time.
    pub fn wait_for(&self, name: &str, within: Duration) -> Element<'_> {
        until(name, within, || {
            let found = self.find(name)?;
            let id = found.into_iter().next().ok_or_else(|| self.seen())?;
            Ok(Element { page: self, id })
        })
    }

    /// Waits until there is one.
    ///
    /// # Panics
    /// When there is none soon.
    pub fn element(&self, name: &str) -> Element<'_> {
        self.wait_for(name, SOON)
    }

    /// Waits until there is none.
    ///
    /// # Panics
    /// When it stays.
    pub fn wait_gone(&self, name: &str) {
        until(&format!("no {name}"), SOON, || match self.find(name)?.len() {
            0 => Ok(()),
            count => Err(format!("{count} of them")),
        });
    }

    /// Clicks; waits until it is there and can be clicked, for the page may be drawing it anew.
    ///
    /// # Panics
    /// When it cannot be clicked soon.
    pub fn click(&self, name: &str) {
        until(&format!("a click on {name}"), SOON, || self.tap(name));
    }

    /// Clicks if it can be clicked now.
    ///
    /// # Errors
    /// When it cannot.
    pub fn tap(&self, name: &str) -> Result<(), String> {
        let found = self.find(name)?;
        let id = found.first().ok_or_else(|| self.seen())?;
        let element = Element {
            page: self,
            id: id.clone(),
        };
        if !element.enabled()? {
            return Err("disabled".to_owned());
        }
        self.ask("POST", &format!("element/{id}/click"), Some(&json!({})))
            .map(drop)
    }

    /// An attribute of the first one, once it is there.
    ///
    /// # Panics
    /// When it is not there soon.
    #[must_use]
    pub fn attribute(&self, name: &str, attribute: &str) -> String {
        until(&format!("{attribute} of {name}"), SOON, || {
            let found = self.find(name)?;
            let id = found.first().ok_or_else(|| self.seen())?;
            let value = self.ask("GET", &format!("element/{id}/attribute/{attribute}"), None)?;
            Ok(value.as_str().unwrap_or_default().to_owned())
        })
    }

    /// Waits until the attribute is that.
    ///
    /// # Panics
    /// When it is not in time.
    pub fn wait_attribute(&self, name: &str, attribute: &str, value: &str, within: Duration) {
        self.wait_for(&format!("{name}[{attribute}=\"{value}\"]"), within);
    }

    /// The `value` of a form control, `data-value`, or the text, whichever there is.
    ///
    /// # Panics
    /// When it is not there soon.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        let id = self.element(name).id;
        let read = "const e = arguments[0]; return e.dataset.value ?? e.value ?? e.innerText;";
        let value = self.run(read, &[json!({ELEMENT: id})]).unwrap_or(Value::Null);
        value.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Chooses an option of a `<select>` as a person does: the change is told to the page.
    ///
    /// # Panics
    /// When it has no such option.
    pub fn choose(&self, name: &str, value: &str) {
        let id = self.element(name).id;
        let script = "const [e, v] = arguments; e.value = v; \
                      e.dispatchEvent(new Event('input', {bubbles: true})); \
                      e.dispatchEvent(new Event('change', {bubbles: true})); return e.value;";
        let chosen = self.run(script, &[json!({ELEMENT: id}), json!(value)]);
        assert_eq!(chosen, Ok(json!(value)), "{name}");
    }

    /// What is on the screen, in the words of its ids: for messages.
    #[must_use]
    pub fn seen(&self) -> String {
        let script = "return [...document.querySelectorAll('[data-testid]')].slice(0, 60).map(e => \
                      e.dataset.testid + Object.entries(e.dataset).filter(([k]) => k !== 'testid') \
                      .map(([k, v]) => ` ${k}=${String(v).slice(0, 24)}`).join('')).join('; ') || document.body.innerText.slice(0, 300);";
        match self.run(script, &[]) {
            Ok(seen) => format!("the page shows {}", seen.as_str().unwrap_or_default()),
            Err(error) => error,
        }
    }
}

/// Something on the page.
#[derive(Debug)]
pub struct Element<'a> {
    page: &'a Page,
    id: String,
}

impl Element<'_> {
    /// Types into it.
    ///
    /// # Panics
    /// When it takes no keys.
    pub fn type_text(&self, text: &str) {
        let typed = self.page.ask(
            "POST",
            &format!("element/{}/value", self.id),
            Some(&json!({"text": text})),
        );
        typed.unwrap_or_else(|error| panic!("typing: {error}"));
    }

    /// Whether it can be used.
    ///
    /// # Errors
    /// When it is gone.
    pub fn enabled(&self) -> Result<bool, String> {
        let script = "const e = arguments[0]; return !e.disabled && e.getAttribute('aria-disabled') !== 'true';";
        Ok(self.page.run(script, &[self.argument()])? == true)
    }

    /// As an argument of a script.
    #[must_use]
    pub fn argument(&self) -> Value {
        json!({ELEMENT: self.id})
    }
}

/// `screen.element[…]` as a CSS selector; several, one inside the other, are separated by a blank.
#[must_use]
pub fn selector(name: &str) -> String {
    let part = |part: &str| {
        let end = part.find('[').unwrap_or(part.len());
        let (id, more) = part.split_at(end);
        format!("[data-testid=\"{id}\"]{more}")
    };
    name.split(' ').map(part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_become_selectors() {
        for (name, selector) in [
            ("desk.add", r#"[data-testid="desk.add"]"#),
            (
                r#"review.page[data-page="3"] fault"#,
                r#"[data-testid="review.page"][data-page="3"] [data-testid="fault"]"#,
            ),
        ] {
            assert_eq!(super::selector(name), selector);
        }
    }
}
