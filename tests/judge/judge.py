#!/usr/bin/env python3
"""pyHanko as a judge that is not ours, and as another signer.

One request a line on stdin (JSON), one answer a line on stdout. An answer is an object; `error` says that the question
could not be answered. The judge never repairs: `strict` is pyHanko's own strictness, and so is the analysis of changes.
"""

import json
import logging
import sys
import traceback
from io import BytesIO

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

ACTIONS = {"all": FieldMDPAction.ALL, "include": FieldMDPAction.INCLUDE, "exclude": FieldMDPAction.EXCLUDE}


def context(request):
    roots = [cert for path in request["trust"] for cert in load_certs_from_pemder([path])]
    return ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")


def judged(signature, trust):
    timestamp = signature.sig_object_type == "/DocTimeStamp"
    about = {"field": signature.field_name, "kind": "doc-timestamp" if timestamp else "signature"}
    try:
        if timestamp:
            status = validate_pdf_timestamp(signature, validation_context=trust)
        else:
            status = validate_pdf_signature(
                signature, signer_validation_context=trust, ts_validation_context=trust
            )
    except Exception as error:  # whatever it is, it is a verdict
        return {**about, "bottom_line": False, "exception": f"{type(error).__name__}: {error}"}
    about.update(
        intact=status.intact,
        valid=status.valid,
        trusted=status.trusted,
        coverage=status.coverage.name,
        modification=status.modification_level.name if status.modification_level is not None else None,
        docmdp_ok=bool(status.docmdp_ok),
        certified=signature.docmdp_level.value if signature.docmdp_level is not None else None,
        md_algorithm=status.md_algorithm,
        summary=status.summary(),
    )
    if timestamp:
        about["bottom_line"] = bool(status.valid and status.intact and status.trusted)
        return about
    stamp = status.timestamp_validity
    about.update(
        mechanism=status.pkcs7_signature_mechanism,
        bottom_line=bool(status.bottom_line),
        timestamp=None
        if stamp is None
        else {"valid": stamp.valid, "intact": stamp.intact, "trusted": stamp.trusted, "at": stamp.timestamp.isoformat()},
    )
    return about


def judge(request):
    trust = context(request)
    with open(request["file"], "rb") as file:
        reader = PdfFileReader(file, strict=request.get("strict", True))
        found = [judged(signature, trust) for signature in reader.embedded_signatures]
        return {"signatures": found, "pages": int(reader.root["/Pages"]["/Count"])}


def sign(request):
    signer = signers.SimpleSigner.load(request["key"], request["certificate"], ca_chain_files=tuple(request["chain"]))
    if signer is None:
        raise ValueError("key or certificate cannot be loaded")
    lock = request.get("lock")
    certify = request.get("certify")
    data = open(request["from"], "rb").read()
    for turn in range(request.get("times", 1)):
        name = request.get("field", "Foreign") + ("" if turn == 0 else str(turn + 1))
        writer = IncrementalPdfFileWriter(BytesIO(data), strict=request.get("strict", True))
        spec = None
        if not request.get("existing", False):
            spec = SigFieldSpec(
                name,
                box=tuple(request["box"]) if "box" in request else None,
                field_mdp_spec=FieldMDPSpec(ACTIONS[lock["action"]], lock.get("fields")) if lock else None,
                doc_mdp_update_value=MDPPerm(lock["permission"]) if lock and "permission" in lock else None,
            )
        meta = signers.PdfSignatureMetadata(
            field_name=name,
            md_algorithm=request.get("digest", "sha256"),
            subfilter=SigSeedSubFilter.PADES,
            certify=certify is not None and turn == 0,
            docmdp_permissions=MDPPerm(certify or 2),
        )
        out = signers.PdfSigner(meta, signer=signer, new_field_spec=spec).sign_pdf(
            writer, existing_fields_only=spec is None
        )
        data = out.getvalue()
    with open(request["to"], "wb") as file:
        file.write(data)
    return {"size": len(data)}


def listed(request):
    with open(request["file"], "rb") as file:
        reader = PdfFileReader(file, strict=request.get("strict", True))
        found = [
            {"name": name, "signed": value is not None}
            for name, value, _ in fields.enumerate_sig_fields(reader)
        ]
        return {"fields": found}


def text(request):
    """The decoded content of each page: what would be drawn, before any font."""
    with open(request["file"], "rb") as file:
        reader = PdfFileReader(file, strict=request.get("strict", True))
        count = int(reader.root["/Pages"]["/Count"])
        pages = []
        for number in range(count):
            page = reader.find_page_for_modification(number)[0].get_object()
            content = page.get("/Contents")
            parts = content if isinstance(content, list) else [content]
            pages.append(b"\n".join(part.get_object().data for part in parts if part is not None).hex())
        return {"pages": pages}


TASKS = {"judge": judge, "sign": sign, "fields": listed, "text": text}


def main():
    # Warnings of libraries must not end up between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = TASKS[request["op"]](request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc(limit=-6)}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
