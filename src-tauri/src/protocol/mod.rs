//! `doc://localhost/<id>/…`: octets of private copies in small parts, and pages as the signing engine draws them.
//!
//! Only the window's own page may ask, only by ids of the desk. The web view reads PDF through parts because it must not
//! hold a whole contract; no answer is larger than a mebibyte of a file or one picture.

mod asked;

use countersign_desk::{Desk, view::FaultShown};
use tauri::{
    Runtime, UriSchemeContext, UriSchemeResponder,
    http::{Method, Request, Response, StatusCode, header, response::Builder},
};

use crate::{shell::Shell, window};
use asked::{Asked, RangeError};

/// Its name.
pub(crate) const SCHEME: &str = "doc";
/// The page's own origin.
const ORIGIN: &str = "tauri://localhost";

type Answer = Response<Vec<u8>>;

/// Answers from a thread where waiting is allowed.
pub(crate) fn serve<R: Runtime>(
    shell: Option<Shell>,
    context: &UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let (Some(shell), window::MAIN) = (shell, context.webview_label()) else {
        return responder.respond(refused(StatusCode::FORBIDDEN));
    };
    tauri::async_runtime::spawn_blocking(move || {
        // A panic must not leave the page waiting for ever.
        let answered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| answer(&shell, &request)));
        responder.respond(answered.unwrap_or_else(|_| refused(StatusCode::INTERNAL_SERVER_ERROR)));
    });
}

fn answer(shell: &Shell, request: &Request<Vec<u8>>) -> Answer {
    if request.method() == Method::OPTIONS {
        return finished(headers(StatusCode::NO_CONTENT), Vec::new());
    }
    if request.method() != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(asked) = asked::address(request.uri().path(), request.uri().query()) else {
        return refused(StatusCode::BAD_REQUEST);
    };
    let desk = match shell.desk() {
        Ok(desk) => desk,
        Err(fault) => return told(StatusCode::SERVICE_UNAVAILABLE, &fault),
    };
    match asked {
        Asked::File { id } => {
            let header = request
                .headers()
                .get(header::RANGE)
                .and_then(|value| value.to_str().ok());
            match asked::range(header) {
                Ok((offset, length)) => part(&desk, &id, offset, length),
                Err(RangeError::Malformed) => refused(StatusCode::BAD_REQUEST),
                Err(RangeError::TooLong) => refused(StatusCode::PAYLOAD_TOO_LARGE),
            }
        }
        Asked::Page { id, page, width } => match desk.document_page(&id, page, width) {
            Ok(picture) => {
                let warnings = picture.warnings.len().to_string();
                let builder = headers(StatusCode::OK)
                    .header(header::CONTENT_TYPE, "image/png")
                    .header("X-Warnings", warnings);
                finished(builder, picture.png)
            }
            Err(fault) => told(StatusCode::UNPROCESSABLE_ENTITY, &fault),
        },
    }
}

fn part(desk: &Desk, id: &str, offset: u64, length: u64) -> Answer {
    let part = match desk.document_part(id, offset, length) {
        Ok(part) => part,
        Err(fault) => return told(StatusCode::NOT_FOUND, &fault),
    };
    let total = part.total;
    let builder = |status| headers(status).header("X-Total", total.to_string());
    let Some(last) = (part.octets.len() as u64).checked_sub(1) else {
        let range = format!("bytes */{total}");
        return finished(
            builder(StatusCode::RANGE_NOT_SATISFIABLE).header(header::CONTENT_RANGE, range),
            Vec::new(),
        );
    };
    let range = format!("bytes {offset}-{}/{total}", offset + last);
    finished(
        builder(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, range)
            .header(header::CONTENT_TYPE, "application/octet-stream"),
        part.octets,
    )
}

fn headers(status: StatusCode) -> Builder {
    Response::builder()
        .status(status)
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN)
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, "range")
        .header(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            "content-range, x-total, x-warnings",
        )
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

fn finished(builder: Builder, body: Vec<u8>) -> Answer {
    builder.body(body).unwrap_or_else(|_| Response::new(Vec::new()))
}

fn refused(status: StatusCode) -> Answer {
    finished(headers(status), Vec::new())
}

fn told(status: StatusCode, fault: &FaultShown) -> Answer {
    let body = serde_json::to_vec(fault).unwrap_or_default();
    finished(headers(status).header(header::CONTENT_TYPE, "application/json"), body)
}
