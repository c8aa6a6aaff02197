#!/usr/bin/env python3
"""Deploys, swaps and rolls back a cloud service with nothing but Python itself.

    deploy.py deploy SLOT LABEL PACKAGE CONFIGURATION
    deploy.py swap
    deploy.py rollback
    deploy.py show

The package is uploaded to the storage account ACCOUNT. Everything that differs
between the real service and the emulator is in the environment variables below,
which "vipswap env" and "vipswap test" set.
"""

import base64
import email.utils
import hashlib
import hmac
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

NAMESPACE = "http://schemas.microsoft.com/windowsazure"
MANAGEMENT = os.environ.get("VIPSWAP_MANAGEMENT_URL", "https://management.core.windows.net")
SUBSCRIPTION = os.environ["VIPSWAP_SUBSCRIPTION_ID"]
SERVICE = os.environ.get("SERVICE", "shop")
ACCOUNT = os.environ.get("ACCOUNT", "packages")
POLL_SECONDS = float(os.environ.get("POLL_SECONDS", "5"))


class Refused(Exception):
    """The service said no."""

    def __init__(self, status, body):
        document = ElementTree.fromstring(body) if body else None
        self.status = status
        self.code = text(document, "Code")
        super().__init__(f"{status} {self.code}: {text(document, 'Message')}")


def text(document, path):
    """Returns the text of an element, "" when it is not there."""
    if document is None:
        return ""
    return document.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/"))) or ""


def context():
    """Returns the TLS set-up: who to trust, and who we are."""
    tls = ssl.create_default_context(cafile=os.environ.get("VIPSWAP_CA"))
    tls.load_cert_chain(os.environ["VIPSWAP_CERT"], os.environ["VIPSWAP_KEY"])
    return tls


TLS = context()


def api(method, path, body=None):
    """Sends a request. Returns the id of the request and the document of the answer."""
    request = urllib.request.Request(
        f"{MANAGEMENT}/{SUBSCRIPTION}/{path}", method=method, data=body.encode() if body else None,
        headers={"x-ms-version": "2014-10-01", "Content-Type": "application/xml"})
    try:
        with urllib.request.urlopen(request, context=TLS) as answer:
            content = answer.read()
            return answer.headers["x-ms-request-id"], ElementTree.fromstring(content) if content else None
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read()) from None


def change(path, root, **elements):
    """Sends a change and waits until the operation that it began is over."""
    body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
    operation, _ = api("POST", path, f'<{root} xmlns="{NAMESPACE}">{body}</{root}>')
    while True:
        _, document = api("GET", f"operations/{operation}")
        if text(document, "Status") == "Succeeded":
            return
        if text(document, "Status") == "Failed":
            sys.exit(f"deploy.py: the operation failed: {text(document, 'Error/Code')}: {text(document, 'Error/Message')}")
        time.sleep(POLL_SECONDS)


def slot_path(slot):
    return f"services/hostedservices/{SERVICE}/deploymentslots/{slot}"


def deployment(slot):
    """Returns the document of the slot's deployment, None for an empty slot."""
    try:
        return api("GET", slot_path(slot))[1]
    except Refused as refusal:
        if refusal.code == "ResourceNotFound":
            return None
        raise


def wait_ready(slot):
    """Waits until every instance is ready. That the operation is over does not say so."""
    while True:
        document = deployment(slot)
        states = [e.text for e in document.iter(f"{{{NAMESPACE}}}InstanceStatus")]
        upgrading = document.find(f"{{{NAMESPACE}}}UpgradeStatus") is not None
        if text(document, "Status") == "Running" and states and set(states) == {"ReadyRole"} and not upgrading:
            print(f"{slot} is ready: {len(states)} instances")
            return
        time.sleep(POLL_SECONDS)


def put(endpoint, key, path, data, headers, accepted):
    """Writes to the storage account, signed with its key."""
    url = urllib.parse.urljoin(endpoint, path)
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2014-02-14", **headers}
    parts = urllib.parse.urlsplit(url)
    resource = f"/{ACCOUNT}{parts.path}"
    for name, value in sorted(urllib.parse.parse_qsl(parts.query)):
        resource += f"\n{name}:{value}"
    signed = "\n".join(f"{name}:{headers[name]}" for name in sorted(headers))
    # VERB, encoding, language, length, MD5, type, date, five conditions, range
    message = "\n".join(["PUT", "", "", str(len(data)), "", "application/octet-stream", "", "", "", "", "", "", signed, resource])
    signature = base64.b64encode(hmac.new(base64.b64decode(key), message.encode(), hashlib.sha256).digest()).decode()
    request = urllib.request.Request(url, method="PUT", data=data, headers={
        **headers, "Authorization": f"SharedKey {ACCOUNT}:{signature}",
        "Content-Type": "application/octet-stream", "Content-Length": str(len(data))})
    try:
        urllib.request.urlopen(request, context=TLS if parts.scheme == "https" else None).close()
    except urllib.error.HTTPError as error:
        if error.code not in accepted:
            sys.exit(f"deploy.py: the upload was refused: {error.code}: {error.read().decode()}")
    return url


def upload(package):
    """Uploads a package. Returns its address."""
    _, account = api("GET", f"services/storageservices/{ACCOUNT}")
    _, keys = api("GET", f"services/storageservices/{ACCOUNT}/keys")
    endpoint = text(account, "StorageServiceProperties/Endpoints/Endpoint")
    key = text(keys, "StorageServiceKeys/Primary")
    put(endpoint, key, "releases?restype=container", b"", {}, accepted=(409,))
    with open(package, "rb") as file:
        data = file.read()
    return put(endpoint, key, f"releases/{hashlib.sha256(data).hexdigest()}.cspkg", data, {"x-ms-blob-type": "BlockBlob"}, accepted=())


def encoded(data):
    return base64.b64encode(data).decode()


def deploy(slot, label, package, configuration):
    """Fills an empty slot, or upgrades what is in it."""
    with open(configuration, "rb") as file:
        configuration = encoded(file.read())
    url, label = upload(package), encoded(label.encode())
    if deployment(slot) is None:
        # A name has to be new. So is the id of an answer, and it is the same when a
        # scenario is played again.
        new, _ = api("GET", f"services/hostedservices/{SERVICE}")
        change(slot_path(slot), "CreateDeployment", Name=f"v-{new}", PackageUrl=url, Label=label,
               Configuration=configuration, StartDeployment="true")
    else:
        change(slot_path(slot) + "/?comp=upgrade", "UpgradeDeployment", Mode="Auto", PackageUrl=url,
               Configuration=configuration, Label=label, Force="true")
    wait_ready(slot)


def swap():
    """Exchanges the slots."""
    production, staging = deployment("production"), deployment("staging")
    if staging is None:
        sys.exit("deploy.py: staging is empty: there is nothing to swap")
    change(f"services/hostedservices/{SERVICE}", "Swap",
           Production=text(production, "Name"), SourceDeployment=text(staging, "Name"))
    print("swapped")


def show():
    """Prints what the slots hold."""
    for slot in ("production", "staging"):
        document = deployment(slot)
        if document is None:
            print(f"{slot}: empty")
        else:
            print(f"{slot}: {base64.b64decode(text(document, 'Label')).decode()} ({text(document, 'Status')})")


COMMANDS = {"deploy": deploy, "swap": swap, "rollback": swap, "show": show}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    try:
        COMMANDS[sys.argv[1]](*sys.argv[2:])
    except Refused as refusal:
        sys.exit(f"deploy.py: {refusal}")
