//! What the token itself takes: C_Sign in a loop, with nothing around it. The bench compares with this.
//!
//!     cargo run --release -p countersign-token --example raw_sign -- MODULE TOKEN_LABEL KEY_LABEL PIN_FILE COUNT
//!
//! Prints one line of JSON with milliseconds: loading and C_Initialize, finding and logging in, all signatures, their median.

use std::{
    error::Error,
    io::Write,
    time::{Duration, Instant},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    mechanism::Mechanism,
    object::{Attribute, ObjectClass},
    session::UserType,
    types::RawAuthPin,
};

/// As long as the SignedAttributes of a PAdES signature.
const MESSAGE: [u8; 240] = [7; 240];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, token, key, pin_file, count] = arguments.as_slice() else {
        return Err("usage: raw_sign MODULE TOKEN_LABEL KEY_LABEL PIN_FILE COUNT".into());
    };
    let count: usize = count.parse()?;
    let pin = RawAuthPin::new(Box::new(std::fs::read(pin_file)?.trim_ascii().to_vec()));

    let begun = Instant::now();
    let context = Pkcs11::new(module)?;
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let loading = begun.elapsed();

    let begun = Instant::now();
    let slots = context.get_slots_with_initialized_token()?;
    let slot = slots
        .into_iter()
        .find(|slot| {
            context
                .get_token_info(*slot)
                .is_ok_and(|info| info.label().trim() == token)
        })
        .ok_or("no such token")?;
    let session = context.open_ro_session(slot)?;
    session.login_with_raw(UserType::User, &pin)?;
    let wanted = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Label(key.clone().into_bytes()),
    ];
    let handle = session.find_objects(&wanted)?.first().copied().ok_or("no such key")?;
    let login = begun.elapsed();

    let mut each = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        session.sign(&Mechanism::Sha256RsaPkcs, handle, &MESSAGE)?;
        each.push(begun.elapsed());
    }
    let total: Duration = each.iter().sum();
    each.sort();
    let median = each.get(count / 2).copied().unwrap_or_default();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    writeln!(
        std::io::stdout(),
        "{{\"load\":{},\"login\":{},\"sign\":{},\"median\":{}}}",
        ms(loading),
        ms(login),
        ms(total),
        ms(median)
    )?;
    Ok(())
}
