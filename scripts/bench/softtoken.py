"""A throwaway SoftHSM2 token with one RSA 2048 key and its certificate, for measuring only.

Not its business: the practice token of the product, which has other keys.
"""

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULES = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
]
LABEL, KEY = "bench", "bench-key"


@dataclass(frozen=True)
class Token:
    """What programs need to know to sign with it."""

    module: str
    conf: Path
    pin_file: Path
    certificate: Path
    issuer: Path

    @property
    def uri(self) -> str:
        return f"pkcs11:token={LABEL};object={KEY};type=private?module-path={self.module}"


def create(folder: Path) -> Token:
    """Key and certificates by openssl, imported into a token in `folder`."""
    module = next((path for path in MODULES if Path(path).is_file()), None)
    if module is None:
        raise SystemExit("bench: SoftHSM2 is missing (make setup)")
    (folder / "tokens").mkdir(parents=True)
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    pin = str(secrets.randbelow(10**8)).zfill(8)
    pin_file = folder / "pin"
    pin_file.touch(mode=0o600)
    pin_file.write_text(pin)

    def run(*command: str) -> None:
        done = subprocess.run(
            command, cwd=folder, env=os.environ | {"SOFTHSM2_CONF": str(conf), "BENCH_PIN": pin}, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"bench: {command[0]} failed: {done.stderr.strip()}")

    subject = "/O=BENCH no evidential value/CN=BENCH"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
        "-subj", f"{subject} CA", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "key.csr", "-subj", f"{subject} signer")
    (folder / "ext").write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    run("openssl", "x509", "-req", "-in", "key.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-sha256", "-extfile", "ext", "-out", "cert.pem")
    run("openssl", "x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der")
    # A practice PIN is no secret, and still only this key's life long.
    run("softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", pin, "--pin", pin)
    run("softhsm2-util", "--import", "key.pem", "--token", LABEL, "--label", KEY, "--id", "01", "--pin", pin)
    run("pkcs11-tool", "--module", module, "--token-label", LABEL, "--login", "--pin", "env:BENCH_PIN",
        "--write-object", "cert.der", "--type", "cert", "--label", KEY, "--id", "01")
    for secret in ("ca.key", "key.pem"):
        (folder / secret).unlink()
    return Token(module, conf, pin_file, folder / "cert.pem", folder / "ca.pem")
