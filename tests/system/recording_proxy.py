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
    "throttled": False, "too_many_requests": False, "denied": False, "expired": False,
}
# Only an answer can be these.
KINDS_AFTER = ("cut", "malformed", "error_in_200")
# These are answered as if nothing were wrong: it was done twice; what a read says is what the same
# read said before.
KINDS_SILENT = ("duplicate", "stale")

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
    since: str = ""          # counts from when a write of that operation was accepted
    seen: int = 0
    fired: int = 0

    def __post_init__(self):
        if self.kind in KINDS_AFTER:
            self.after = True
        elif self.kind in KINDS_SILENT:
            self.after = False
        elif self.kind not in KINDS:
            raise ValueError(f"there is no fault '{self.kind}'")
        elif self.after and not KINDS[self.kind]:
            raise ValueError(f"'{self.kind}' cannot come after it was done")
        if self.kind == "delay" and not self.seconds > 0:
            raise ValueError("how long?")
        if self.retry_after is not None and self.kind in (
                "reset", "delay", *KINDS_AFTER, *KINDS_SILENT):
            raise ValueError(f"'{self.kind}' has no Retry-After")


class RecordingProxy:
    """Listens at a free port of this host, in threads of its own, until stop().

    `clock_ahead` (a timedelta) moves the clock that signatures are held against and that every
    answer shows in its Date. `page`, a ProgramPage, moves it too: by as much as the program's clocks
    are ahead, and a delay then moves the page instead of waiting. Everything here may be called from
    any thread.

    `at_moment`, if set, is called as a request passes: with "arrived", "done" (it was, where it was
    not refused) or "answered", and its entry of the log. Where it says True the connection is reset.
    """

    def __init__(self, behind_port, credentials):
        self.clock_ahead = datetime.timedelta()
        self.page = self.at_moment = None
        self.behind_port = behind_port
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._credentials = {each.access_key_id: each for each in credentials}
        self._log, self._faults, self._late = [], [], []
        self._answers = {}  # the last to each read
        self._requests = {}  # by their numbers
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
        ahead = datetime.timedelta(seconds=self.page.ahead if self.page else 0)
        return datetime.datetime.now(datetime.timezone.utc) + self.clock_ahead + ahead

    def wait(self, seconds):
        if self.page is None:
            return self.stopping.wait(seconds)
        self.page.ahead += seconds
        # A program that waits in poll looks at its clock within a second.
        return self.stopping.wait(1.2)

    def deliver_late(self, entry, seconds=None):
        """The request of that entry, which was not asked for behind, is done after so long, or just
        before its signature ends: before the next request that arrives by then."""
        with self._lock:
            due = self._requests[entry["number"]].ends()
            if seconds is None:
                due -= datetime.timedelta(seconds=21)
            else:
                due = min(due, self.now() + datetime.timedelta(seconds=seconds))
            self._late.append((due, entry["number"]))

    def deliver(self, until=None):
        """What is late and due, or due until then, unless its signature has ended by now."""
        with self._lock:
            due = [each for each in self._late if each[0] <= (until or self.now())]
            self._late = [each for each in self._late if each not in due]
            due = [(self._requests[number], self._log[number - 1]) for _, number in due]
            due = [each for each in due if not each[0].check(self._credentials, self.now())]
        for request, entry in due:
            self.note_behind(request, entry, self.ask_behind(request))

    def deliver_rest(self):
        """What may still arrive does, as if time went on."""
        self.deliver(datetime.datetime.max.replace(tzinfo=datetime.timezone.utc))

    def ask_behind(self, request):
        connection = http.client.HTTPConnection("127.0.0.1", self.behind_port, timeout=60)
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

    def inject_nothing(self):
        """From now on; log and counts stay."""
        with self._lock:
            self._faults.clear()

    def forget(self):
        """Log, counts and faults; credentials stay."""
        with self._lock:
            self._log.clear()
            self._faults.clear()
            self._writes.clear()
            self._late.clear()
            self._answers.clear()
            self._requests.clear()

    @property
    def log(self):
        """A dict for each request, in the order of arrival:

        number, time, method, path; service, operation, protocol, region, access_key_id, account, issued_by,
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
                "issued_by": credential.issued_by if credential else "",
                "parameters": request.parameters, "about": request.about(),
                "body_sha256": request.body_hash(), "writes": request.writes, "refused": reason,
                "fault": "", "behind": None, "accepted": False, "answered": None,
                "request_id": str(uuid.uuid4()),
            }
            self._log.append(entry)
            self._requests[entry["number"]] = request
            return entry, None if reason else self._fault_of(request, entry)

    def _fault_of(self, request, entry):
        chosen = None
        for fault in self._faults:
            if fault.operation != request.name or (fault.since and not any(
                    name == fault.since for name, _, _ in self._writes)):
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
            self._credentials[new.access_key_id] = dataclasses.replace(
                new, account=account, issued_by=entry["access_key_id"])
        if request.writes:
            entry["accepted"] = True
            self._writes[(request.name, entry["about"], entry["body_sha256"])] += 1

    def last_answer(self, request):
        with self._lock:
            return self._answers.get((request.name, request.target, request.body))

    def note_last_answer(self, request, whole):
        with self._lock:
            if not request.writes:
                self._answers[(request.name, request.target, request.body)] = whole

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
    disable_nagle_algorithm = True  # or each answer waits 40 ms for what acknowledges its head
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
        self.proxy.deliver()
        entry, fault = self.proxy.arrive(request)
        if self._is_lost("arrived", entry):
            return self._reset()
        if entry["refused"]:
            return self._refuse(request, entry, entry["refused"])
        if fault and not fault.after and fault.kind not in ("delay", *KINDS_SILENT):
            return self._fail(request, entry, fault)
        if fault and fault.kind == "delay" and not fault.after:
            if self.proxy.page is not None:
                return self._be_late(entry, fault)
            self._wait(fault)
        before = self.proxy.last_answer(request) if fault and fault.kind == "stale" else None
        if before is not None:
            return self._answer(entry, *before)
        status, headers, answer = self.proxy.ask_behind(request)
        headers = self.proxy.note_behind(request, entry, (status, headers, answer))
        self.proxy.note_last_answer(request, (status, headers, answer))
        if fault and fault.kind == "duplicate":
            self.proxy.ask_behind(request)  # of which only the test knows
        if self._is_lost("done", entry):
            return self._reset()
        if fault and fault.after and fault.kind == "delay":
            self._wait(fault)
        elif fault and fault.after:
            return self._spoil(request, entry, fault, (status, headers, answer))
        self._answer(entry, status, headers, answer)
        return self._is_lost("answered", entry) and self._reset()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _serve

    def _is_lost(self, moment, entry):
        return self.proxy.at_moment is not None and self.proxy.at_moment(moment, entry)

    def _be_late(self, entry, fault):
        """The client gives up before it is done, and may look meanwhile."""
        self.proxy.deliver_late(entry, fault.seconds)
        self.proxy.wait(fault.seconds * 0.7)
        return self._reset()

    def _wait(self, fault):
        self.proxy.wait(fault.seconds)

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
