"""Writes key.pem and cert.pem for this machine's own addresses into the folder that is named."""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder = pathlib.Path(sys.argv[1])
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "full-stack test")])
now = datetime.datetime.now(datetime.timezone.utc)
hosts = [
    x509.DNSName("localhost"),
    x509.DNSName("*.localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
]
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - datetime.timedelta(hours=1))
    .not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
)
pem = serialization.Encoding.PEM
unencrypted = serialization.NoEncryption()
(folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
(folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unencrypted))
