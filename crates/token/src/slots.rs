//! Walking the slots of a module, and finding a token again.
//!
//! Not its business: what is on a token (`inventory`).
//! The slot list may grow between two calls, and a token may come back under another slot: tokens are known by their
//! serial and label, never by their slot alone.

use countersign_signing::ports::{TokenError, TokenFacts};
use cryptoki::slot::{Slot, SlotInfo, TokenInfo};

use crate::login::pin_flags;
use crate::module::{Module, ModuleConfig, clean, load};
use crate::refusal::refused;
use crate::uri::Uri;

/// A token in a slot.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) config: ModuleConfig,
    pub(crate) module: Module,
    pub(crate) slot: Slot,
    pub(crate) slot_info: Option<SlotInfo>,
    pub(crate) info: TokenInfo,
    pub(crate) facts: TokenFacts,
}

/// The slots of a module, as far as the configuration lets them be used.
pub(crate) fn slots(config: &ModuleConfig, module: &Module, with_token: bool) -> Result<Vec<Slot>, TokenError> {
    let context = &module.context;
    let found = if with_token {
        context.get_slots_with_token()
    } else {
        context.get_all_slots()
    };
    let mut found = found.map_err(|error| refused(&error, "C_GetSlotList"))?;
    if let Some(only) = &config.slots {
        found.retain(|slot| only.contains(&slot.id()));
    }
    found.truncate(SLOT_LIMIT);
    Ok(found)
}

/// The token in a slot.
pub(crate) fn look(config: &ModuleConfig, module: &Module, slot: Slot) -> Result<Seen, TokenError> {
    let info = module
        .context
        .get_token_info(slot)
        .map_err(|error| refused(&error, "C_GetTokenInfo"))?;
    let facts = TokenFacts {
        label: clean(info.label()),
        serial: clean(info.serial_number()),
        manufacturer: clean(info.manufacturer_id()),
        model: clean(info.model()),
        module_path: config.path_text(),
        module_sha256: module.facts.sha256.clone(),
        pin: pin_flags(&info),
    };
    let slot_info = module.context.get_slot_info(slot).ok();
    Ok(Seen {
        config: config.clone(),
        module: module.clone(),
        slot,
        slot_info,
        info,
        facts,
    })
}

/// All tokens of a module that can be read now.
pub(crate) fn tokens(config: &ModuleConfig) -> Result<Vec<Seen>, TokenError> {
    let module = load(config)?;
    let slots = slots(config, &module, true)?;
    Ok(slots
        .into_iter()
        .filter_map(|slot| look(config, &module, slot).ok())
        .collect())
}

impl Seen {
    /// Whether the path attributes about token, slot and library fit.
    pub(crate) fn fits(&self, uri: &Uri) -> bool {
        let text = |wanted: &Option<String>, had: &str| wanted.as_ref().is_none_or(|wanted| wanted == had);
        let slot = self.slot_info.as_ref();
        let version = &self.module.facts.version;
        text(&uri.token, &self.facts.label)
            && text(&uri.serial, &self.facts.serial)
            && text(&uri.manufacturer, &self.facts.manufacturer)
            && text(&uri.model, &self.facts.model)
            && uri.slot_id.is_none_or(|wanted| wanted == self.slot.id())
            && text(&uri.slot_description, &slot.map(|slot| clean(slot.slot_description())).unwrap_or_default())
            && text(&uri.slot_manufacturer, &slot.map(|slot| clean(slot.manufacturer_id())).unwrap_or_default())
            && text(&uri.library_manufacturer, &self.module.facts.manufacturer)
            && text(&uri.library_description, &self.module.facts.description)
            // RFC 7512 section 2.3: a version without a minor part means minor 0.
            && uri.library_version.as_ref().is_none_or(|wanted| wanted == version || format!("{wanted}.0") == *version)
    }

    /// Whether this is the token that was seen before.
    pub(crate) fn is(&self, facts: &TokenFacts) -> bool {
        self.facts.serial == facts.serial && self.facts.label == facts.label && self.facts.model == facts.model
    }

    /// Token label and serial, for people.
    pub(crate) fn title(&self) -> String {
        title(&self.facts)
    }
}

pub(crate) fn title(facts: &TokenFacts) -> String {
    format!("{} ({})", facts.label, facts.serial)
}

const SLOT_LIMIT: usize = 256;
