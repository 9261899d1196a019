"""One signature by pyHanko's API, in a process of its own: PAdES B-B, PKCS#11, SHA-256, incremental update.

Usage: peer.py MODULE TOKEN_LABEL KEY_LABEL PIN_FILE ISSUER_PEM IN OUT
"""

import sys

from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session


def main() -> None:
    module, token, key, pin_file, issuer, source, target = sys.argv[1:]
    with open(pin_file, encoding="ascii") as file:
        pin = file.read()
    with open_pkcs11_session(module, token_criteria=TokenCriteria(label=token), user_pin=pin) as session:
        signer = PKCS11Signer(session, cert_label=key, key_label=key, ca_chain=[load_cert_from_pemder(issuer)])
        metadata = signers.PdfSignatureMetadata(field_name="Sig1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        with open(source, "rb") as read, open(target, "w+b") as write:
            signers.PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(read), output=write)


main()
