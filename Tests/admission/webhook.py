"""Answers an API server's admission reviews by the policies of a folder: for servers below 1.30.

Usage: webhook.py FOLDER KUBECONFIG CERTIFICATE KEY PORT
Prints the webhook's configuration, to be applied, and serves until it is ended. The requests are the API
server's own; only who evaluates the expressions differs.
"""

import http.client
import http.server
import json
import pathlib
import socketserver
import ssl
import sys
import urllib.parse

import yaml

import policies


class Cluster:
    """Reads namespaces, by an administrator's certificate."""

    def __init__(self, kubeconfig):
        config = yaml.safe_load(pathlib.Path(kubeconfig).read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.authority = cluster["certificate-authority"]
        self.server = urllib.parse.urlsplit(cluster["server"])
        self.context = ssl.create_default_context(cafile=self.authority)
        self.context.load_cert_chain(user["client-certificate"], user["client-key"])

    def namespace(self, name):
        connection = http.client.HTTPSConnection(self.server.hostname, self.server.port, context=self.context, timeout=5)
        try:
            connection.request("GET", f"/api/v1/namespaces/{name}")
            response = connection.getresponse()
            body = json.load(response)
            return body if response.status == 200 else None
        finally:
            connection.close()


def handler(enforced, cluster):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            review = {"request": request}
            if any(each.matches(review) for each in enforced):
                if request.get("namespace") and request["kind"]["kind"] != "Namespace":
                    review["namespaceObject"] = cluster.namespace(request["namespace"])
                refusals = [refusal for each in enforced for refusal in each.judge(review)]
            else:
                refusals = []
            response = {"uid": request["uid"], "allowed": not refusals}
            if refusals:
                first = refusals[0]
                response["status"] = {"code": 422, "reason": "Invalid", "message": f"{first.policy}: {first.message}"}
            body = json.dumps(
                {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


def configuration(authority, port):
    import base64

    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"], "scope": "*"}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "agent-ready-k8s-emulated"},
        "webhooks": [
            {
                "name": "emulated.agent-ready-k8s.example",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
                "matchPolicy": "Equivalent",
                "timeoutSeconds": 10,
                "rules": [rule],
                "clientConfig": {
                    "url": f"https://127.0.0.1:{port}/",
                    "caBundle": base64.b64encode(pathlib.Path(authority).read_bytes()).decode(),
                },
            }
        ],
    }


def main(folder, kubeconfig, certificate, key, port):
    cluster = Cluster(kubeconfig)
    server = Server(("127.0.0.1", int(port)), handler(policies.load(folder), cluster))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(json.dumps(configuration(cluster.authority, server.server_address[1])), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 6:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
