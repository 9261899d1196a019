#!/usr/bin/env python3
"""Golden vectors of countersign.evidence/1, computed without any of the product's code.

    check_vectors.py FOLDER...          compare, exit 1 on any difference
    check_vectors.py --write FOLDER...  fill in what is expected from each file's "record"

Only the standard library. The canonical form is written out here for the subset that the schema uses: objects, arrays,
texts, booleans and integers below 2^53 (RFC 8785 sections 3.2.1 to 3.2.3).
"""

import base64
import calendar
import hashlib
import json
import pathlib
import sys
import time

SHORT = {0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r", 0x22: '\\"', 0x5C: "\\\\"}


def canonical(value):
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise ValueError("integer out of range")
        return str(value)
    if isinstance(value, str):
        out = []
        for char in value:
            code = ord(char)
            if code in SHORT:
                out.append(SHORT[code])
            elif code < 0x20:
                out.append("\\u%04x" % code)
            else:
                out.append(char)
        return '"' + "".join(out) + '"'
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    raise ValueError("not in the schema: %r" % (value,))


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def expected(record):
    octets = canonical(record).encode("utf-8")
    evidence = sha256(b"countersign.evidence/1\n", octets)
    document = bytes.fromhex(record["document"]["sha256"])
    signature = bytes.fromhex(record["signature"]["value"])
    token = base64.b64decode(record["timestamp"]["token"], validate=True)
    stamp = sha256(token) if token else bytes(32)
    text = record["timestamp"]["gen_time"]
    gen_time = calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) if text else 0
    parts = sha256(b"countersign.parts/1\n", document, sha256(signature), stamp, gen_time.to_bytes(8, "big"))
    return {
        "canonical": octets.hex(),
        "evidence": evidence.hex(),
        "document_sha256": document.hex(),
        "signature_sha256": sha256(signature).hex(),
        "timestamp_sha256": stamp.hex(),
        "gen_time": gen_time,
        "parts": {"full": parts.hex(), "digests": parts.hex(), "commit": bytes(32).hex()},
    }


def main(arguments):
    write = "--write" in arguments
    files = sorted(f for a in arguments if a != "--write" for f in pathlib.Path(a).glob("*.json"))
    if not files:
        print("no vectors found")
        return 1
    wrong = 0
    for file in files:
        vector = json.loads(file.read_text(encoding="utf-8"))
        computed = expected(vector["record"])
        if write:
            vector["expected"] = computed
            file.write_text(json.dumps(vector, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        elif vector["expected"] != computed:
            wrong += 1
            print("%s differs" % file.name)
    print("%d vectors, %d wrong" % (len(files), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
