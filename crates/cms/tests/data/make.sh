#!/bin/sh
# Makes the test material of this folder with openssl 3: throwaway keys, certificates, messages and time-stamp responses.
# certomancer.tsr answers sha256.tsq and comes from another authority's software; it is made by hand with the tsa key.
# Everything here is PRACTICE material without evidential value. Run it only to start over; the tests read the results.
set -e
cd "$(dirname "$0")"
# Keys are kept when they exist, because certomancer.tsr was made with one.
find . -name '*.der' ! -name '*.key.der' ! -name 'tsa.cert.der' -delete
printf 'Countersign test content\n' > content.txt

key() { # name, genpkey arguments
    name=$1; shift
    # genpkey writes traditional DER; the tests read PKCS #8.
    [ -e "$name.key.der" ] || openssl genpkey "$@" 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -outform DER -out "$name.key.der"
}
certificate() { # name, key, extensions, further req arguments
    name=$1; key=$2; extensions=$3; shift 3
    [ ! -e "$name.cert.der" ] || return 0
    printf '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\nutf8=yes\n[dn]\nC=CN\nO=PRACTICE 演练\nCN=%s\n[ext]\n%s\n' \
        "PRACTICE $name" "$extensions" > conf.tmp
    openssl req -new -x509 -config conf.tmp -utf8 -days 7300 -keyform DER -key "$key.key.der" "$@" -outform DER -out "$name.cert.der"
    rm conf.tmp
}
signer='keyUsage=critical,digitalSignature,nonRepudiation
subjectKeyIdentifier=hash
basicConstraints=critical,CA:FALSE'

key rsa2048 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa3072 -algorithm RSA -pkeyopt rsa_keygen_bits:3072
key pss -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
    -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32
key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key k256 -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1
key ed25519 -algorithm ED25519
key sm2 -algorithm EC -pkeyopt ec_paramgen_curve:SM2

for name in rsa2048 rsa3072 p256 p384 p521 k256; do certificate $name $name "$signer" -sha256; done
certificate pss pss "$signer" -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
certificate ed25519 ed25519 "$signer"
certificate sm2 sm2 "$signer" -sm3 -sigopt distid:1234567812345678
certificate tsa rsa2048 'extendedKeyUsage=critical,timeStamping'
certificate tsa-noncritical rsa2048 'extendedKeyUsage=timeStamping'
certificate tsa-two-purposes rsa2048 'extendedKeyUsage=critical,timeStamping,emailProtection'
certificate ca p256 'basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign'

for f in rsa2048 p256 p384 p521 pss; do
    openssl x509 -inform DER -in $f.cert.der -out $f.pem.tmp
    openssl pkey -inform DER -in $f.key.der -out $f.key.tmp
done
cms() { # output, signer, digest, further arguments
    output=$1; signer=$2; digest=$3; shift 3
    openssl cms -sign -binary -in content.txt -signer "$signer.pem.tmp" -inkey "$signer.key.tmp" -md "$digest" "$@" \
        -outform DER -out "cms-$output.der"
}
cms rsa-sha256 rsa2048 sha256 -cades
cms rsa-sha384 rsa2048 sha384
cms rsa-sha512-keyid rsa2048 sha512 -keyid
cms rsa-sha1 rsa2048 sha1
cms rsa-noattr rsa2048 sha256 -noattr
cms rsa-content rsa2048 sha256 -nodetach
cms rsa-content-stream rsa2048 sha256 -nodetach -stream
cms pss-sha256 rsa2048 sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1
cms pss-key-sha256 pss sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32
cms pss-other-salt rsa2048 sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20
cms p256-sha256 p256 sha256
cms p384-sha384 p384 sha384
cms p521-sha512 p521 sha512
openssl cms -sign -binary -in content.txt -signer rsa2048.pem.tmp -inkey rsa2048.key.tmp -signer p256.pem.tmp -inkey p256.key.tmp \
    -md sha256 -outform DER -out cms-two-signers.der

# Bare signatures over the content.
for name in rsa2048 p256 p384 p521; do
    openssl pkey -inform DER -in $name.key.der -out $name.key.tmp
    openssl dgst -sha256 -sign $name.key.tmp -out sig-$name-sha256.der content.txt
done
openssl pkey -inform DER -in ed25519.key.der -out ed25519.key.tmp
openssl pkeyutl -sign -rawin -inkey ed25519.key.tmp -in content.txt -out sig-ed25519.der
openssl pkey -inform DER -in sm2.key.der -out sm2.key.tmp
openssl pkeyutl -sign -rawin -digest sm3 -inkey sm2.key.tmp -in content.txt -out sig-sm2.der -pkeyopt distid:1234567812345678
openssl pkeyutl -sign -rawin -digest sm3 -inkey sm2.key.tmp -in content.txt -out sig-sm2-empty-id.der

# Time-stamp responses of an openssl authority.
openssl x509 -inform DER -in tsa.cert.der -out tsa.pem.tmp
printf '01\n' > serial.tmp
cat > ts.tmp <<CONF
[tsa]
default_tsa=one
[one]
serial=serial.tmp
signer_cert=tsa.pem.tmp
signer_key=rsa2048.key.tmp
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512,sha1
accuracy=secs:1,millisecs:500,microsecs:100
ordering=yes
tsa_name=yes
ess_cert_id_chain=no
ess_cert_id_alg=sha256
clock_precision_digits=3
CONF
# Kept when it exists: the answers made by hand carry its nonce.
[ -e sha256.tsq ] || openssl ts -query -data content.txt -sha256 -cert -out sha256.tsq 2>/dev/null
openssl ts -reply -config ts.tmp -section one -queryfile sha256.tsq -out ess-sha256.tsr 2>/dev/null
sed 's/ess_cert_id_alg=sha256/ess_cert_id_alg=sha1/' ts.tmp > ts1.tmp
openssl ts -reply -config ts1.tmp -section one -queryfile sha256.tsq -out ess-sha1.tsr 2>/dev/null
openssl ts -query -data content.txt -sha256 -out nocert.tsq 2>/dev/null
openssl ts -reply -config ts.tmp -section one -queryfile nocert.tsq -out nocert.tsr 2>/dev/null
openssl ts -query -data content.txt -sm3 -cert -out sm3.tsq 2>/dev/null
openssl ts -reply -config ts.tmp -section one -queryfile sm3.tsq -out rejected.tsr 2>/dev/null
rm -f ./*.tmp ./*.tmp.old serial.tmp*
