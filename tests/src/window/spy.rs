//! Watches the page from inside: its keys, and every message between page and program. Put in by the driver, after the
//! page was loaded; the page's own code is not changed.

use serde_json::Value;

use super::page::Page;

/// Messages go out through `fetch` and come in through the callbacks' map; both are public to any script of the page.
const WATCH: &str = r"
if (window.__watched) return true;
const watched = { keys: [], messages: [], sent: 0, received: 0 };
Object.defineProperty(window, '__watched', { value: watched });
addEventListener('keydown', event => watched.keys.push(event.key), true);
const text = value => {
  if (typeof value === 'string') return value;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const octets = new Uint8Array(value.buffer ?? value);
    return [...octets.subarray(0, 4096)].map(octet => String.fromCharCode(octet)).join('');
  }
  try { return JSON.stringify(value) ?? ''; } catch (error) { return String(value); }
};
const real = window.fetch;
Object.defineProperty(window, 'fetch', { configurable: true, writable: true, value: function (what, options) {
  const url = typeof what === 'string' ? what : what.url ?? String(what);
  if (url.startsWith('ipc:') || url.includes('//ipc.localhost')) {
    watched.sent += 1;
    watched.messages.push('> ' + decodeURIComponent(url) + ' ' + text(options?.body));
  }
  return real.apply(this, arguments);
}});
const callbacks = window.__TAURI_INTERNALS__.callbacks;
const get = callbacks.get;
Object.defineProperty(callbacks, 'get', { value: id => {
  const callback = get.call(callbacks, id);
  return callback && (data => {
    watched.received += 1;
    watched.messages.push('< ' + text(data));
    return callback(data);
  });
}});
return true;
";

/// What was watched.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Keys that the page was told of.
    pub keys: Vec<String>,
    /// Messages: `> ` to the program, `< ` from it.
    pub messages: Vec<String>,
}

/// Begins.
///
/// # Panics
/// When the page does not let itself be watched.
pub fn begin(page: &Page) {
    assert_eq!(page.told(WATCH), Value::Bool(true));
}

/// What was seen so far.
///
/// # Panics
/// When the page was loaded anew since.
#[must_use]
pub fn seen(page: &Page) -> Seen {
    let watched = page.told("return window.__watched;");
    let list = |name: &str| {
        let all = watched[name].as_array().expect("a page that is watched");
        all.iter()
            .filter_map(|entry| entry.as_str().map(str::to_owned))
            .collect()
    };
    Seen {
        keys: list("keys"),
        messages: list("messages"),
    }
}
