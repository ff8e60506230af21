"""Stands before a simulated AWS: writes down what is asked of it, refuses what AWS would refuse for
its signature, counts what was done, and fails where a test tells it to.

It shares nothing with what is tested, so its counts are a witness.
"""
import collections
import copy
import dataclasses
import datetime
import http.client
import http.server
import socket
import struct
import sys
import threading
import uuid

import aws_request

# Instead of an answer of AWS, nothing having been done. Those marked may also come after it was.
KINDS = {
    "reset": True, "delay": True, "internal_error": True, "unavailable": True,
    "throttled": False, "too_many_requests": False, "denied": False,
}
# Only an answer can be these.
KINDS_AFTER = ("cut", "malformed", "error_in_200")

CONNECTION_HEADERS = {"connection", "keep-alive", "transfer-encoding", "expect", "te", "upgrade",
                      "proxy-connection", "content-length", "host"}


@dataclasses.dataclass
class Fault:
    operation: str  # "iam.UpdateAccessKey"
    kind: str
    nth: int = 1    # of the requests of that operation whose signatures hold, from now on
    times: int = 1  # that one and those behind it
    after: bool = False      # it was done
    seconds: float = 0.0     # of a delay
    retry_after: int | None = None
    seen: int = 0
    fired: int = 0

    def __post_init__(self):
        if self.kind in KINDS_AFTER:
            self.after = True
        elif self.kind not in KINDS:
            raise ValueError(f"there is no fault '{self.kind}'")
        elif self.after and not KINDS[self.kind]:
            raise ValueError(f"'{self.kind}' cannot come after it was done")
        if self.kind == "delay" and not self.seconds > 0:
            raise ValueError("how long?")
        if self.retry_after is not None and self.kind in ("reset", "delay", *KINDS_AFTER):
            raise ValueError(f"'{self.kind}' has no Retry-After")


class RecordingProxy:
    """Listens at a free port of this host, in threads of its own, until stop().

    `clock_ahead` (a timedelta) moves the clock that signatures are held against and that every
    answer shows in its Date. Everything here may be called from any thread.
    """

    def __init__(self, behind_port, credentials):
        self.clock_ahead = datetime.timedelta()
        self.behind_port = behind_port
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._credentials = {each.access_key_id: each for each in credentials}
        self._log, self._faults = [], []
        self._writes = collections.Counter()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,),
                                        daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + self.clock_ahead

    def inject(self, operation, kind, **options):
        """The fault, which tells in `fired` how often it happened."""
        fault = Fault(operation, kind, **options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def unfired(self):
        """Faults that have not happened as often as they were to. A test ends without any."""
        with self._lock:
            return [fault for fault in self._faults if fault.fired < fault.times]

    def forget(self):
        """Log, counts and faults; credentials stay."""
        with self._lock:
            self._log.clear()
            self._faults.clear()
            self._writes.clear()

    @property
    def log(self):
        """A dict for each request, in the order of arrival:

        number, time, method, path; service, operation, protocol, region, access_key_id, account,
        parameters, about (names and ids among them), body_sha256, writes
        refused   why, for the sake of its signature ("" if it was not)
        fault     what the test did to it ("" if nothing)
        behind    status of what stands behind; None if it was not asked (yet)
        accepted  a write that was done there, whatever was then answered
        answered  status that was sent to the client; None if nothing was (yet)
        request_id
        """
        with self._lock:
            return copy.deepcopy(self._log)

    def writes(self):
        """How often each write was accepted: a Counter by (operation, about, body_sha256)."""
        with self._lock:
            return collections.Counter(self._writes)

    def write_count(self, operation="", about=""):
        """Accepted writes, of that operation ("iam.UpdateAccessKey") and about that name or id."""
        return sum(count for (name, names, _), count in self.writes().items()
                   if operation in ("", name) and
                   (not about or about in [each.partition("=")[2] for each in names]))

    def add_credential(self, credential):
        with self._lock:
            self._credentials[credential.access_key_id] = credential

    # For the handlers.

    def arrive(self, request):
        with self._lock:
            now = self.now()
            reason = request.check(self._credentials, now)
            credential = self._credentials.get(request.access_key_id)
            entry = {
                "number": len(self._log) + 1, "time": now.isoformat(), "method": request.method,
                "path": request.target, "service": request.service,
                "operation": request.operation, "protocol": request.protocol,
                "region": request.region, "access_key_id": request.access_key_id,
                "account": credential.account if credential else "",
                "parameters": request.parameters, "about": request.about(),
                "body_sha256": request.body_hash(), "writes": request.writes, "refused": reason,
                "fault": "", "behind": None, "accepted": False, "answered": None,
                "request_id": str(uuid.uuid4()),
            }
            self._log.append(entry)
            return entry, None if reason else self._fault_of(request, entry)

    def _fault_of(self, request, entry):
        chosen = None
        for fault in self._faults:
            if fault.operation != request.name:
                continue
            fault.seen += 1
            if chosen is None and fault.nth <= fault.seen < fault.nth + fault.times:
                chosen = fault
                fault.fired += 1
                entry["fault"] = fault.kind + (" after" if fault.after else " before")
        return chosen

    def note_behind(self, request, entry, whole):
        """The headers, with the id of the request under the name that the service gives it."""
        status, headers, answer = whole
        names = ("x-amzn-requestid", "x-amz-request-id")
        found = [value for name, value in headers if name.lower() in names]
        with self._lock:
            entry["request_id"] = (*found, entry["request_id"])[0]
            entry["behind"] = status
            self._count(request, entry, status, answer)
        return [*((name, value) for name, value in headers if name.lower() not in names),
                (aws_request.id_header(request.protocol), entry["request_id"])]

    def _count(self, request, entry, status, answer):
        if not 200 <= status < 300:
            return
        new = aws_request.minted(request, answer)
        if new is not None:
            account = new.account or entry["account"]
            self._credentials[new.access_key_id] = dataclasses.replace(new, account=account)
        if request.writes:
            entry["accepted"] = True
            self._writes[(request.name, entry["about"], entry["body_sha256"])] += 1

    def note_answered(self, entry, status):
        with self._lock:
            entry["answered"] = status


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        # A client that went away before its answer is what some tests are about.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def shutdown_request(self, request):
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        if struct.unpack("ii", linger) == (1, 0):
            self.close_request(request)  # a reset, not an end
        else:
            super().shutdown_request(request)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def version_string(self):
        return "recording_proxy"

    def date_time_string(self, timestamp=None):
        return super().date_time_string(self.proxy.now().timestamp())

    @property
    def proxy(self):
        return self.server.proxy

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = aws_request.AwsRequest(self.command, self.path, self.headers.items(), body)
        entry, fault = self.proxy.arrive(request)
        if entry["refused"]:
            return self._refuse(request, entry, entry["refused"])
        if fault and not fault.after and fault.kind != "delay":
            return self._fail(request, entry, fault)
        if fault and not fault.after:
            self._wait(fault)
        status, headers, answer = self._ask_behind(request)
        headers = self.proxy.note_behind(request, entry, (status, headers, answer))
        if fault and fault.after and fault.kind == "delay":
            self._wait(fault)
        elif fault and fault.after:
            return self._spoil(request, entry, fault, (status, headers, answer))
        return self._answer(entry, status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _serve

    def _ask_behind(self, request):
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.behind_port, timeout=60)
        try:
            connection.putrequest(request.method, request.target, skip_accept_encoding=True)
            for name, value in request.headers:
                if name.lower() not in CONNECTION_HEADERS:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _wait(self, fault):
        self.proxy.stopping.wait(fault.seconds)

    def _fail(self, request, entry, fault):
        if fault.kind == "reset":
            return self._reset()
        return self._refuse(request, entry, fault.kind, fault.retry_after)

    def _spoil(self, request, entry, fault, whole):
        status, headers, answer = whole
        if fault.kind in KINDS:
            return self._fail(request, entry, fault)
        if fault.kind == "cut":
            self._answer(entry, status, headers, answer + b" ", leave_out=len(answer) // 2 + 1)
            return self._reset()
        if fault.kind == "malformed":
            return self._answer(entry, status, headers, answer[:len(answer) // 2] + b"<{")
        _, code = aws_request.REFUSALS["internal_error"][request.protocol]
        error_headers, error = aws_request.error_body(
            request.protocol, code, "The test said: error_in_200.", entry["request_id"])
        return self._answer(entry, 200, error_headers.items(), error)

    def _refuse(self, request, entry, reason, retry_after=None):
        status, headers, body = aws_request.refusal(request, reason, entry["request_id"],
                                                    self.proxy.now())
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        return self._answer(entry, status, headers.items(), body)

    def _answer(self, entry, status, headers, body, leave_out=0):
        self.proxy.note_answered(entry, status)
        self.send_response(status)
        length = str(len(body))
        for name, value in headers:
            if self.command == "HEAD" and name.lower() == "content-length":
                length = value
            elif name.lower() not in CONNECTION_HEADERS | {"date", "server"}:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body[:len(body) - leave_out])
            self.wfile.flush()

    def _reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
