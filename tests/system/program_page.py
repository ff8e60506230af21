"""The page that a program with clock_ahead.cc preloaded shares with its test: how far ahead its clocks
are, how often it changed a file, and which files it has not synced since.
"""
import mmap
import os
import struct
import time

SIZE = 24


class ProgramPage:
    def __init__(self, library, path):
        self.library, self.path = library, path
        with open(path, "wb") as file:
            file.write(bytes(SIZE))
        self._file = open(path, "r+b")
        self._map = mmap.mmap(self._file.fileno(), SIZE)

    @property
    def ahead(self):
        """Seconds."""
        return struct.unpack_from("<q", self._map, 0)[0] / 1e9

    @ahead.setter
    def ahead(self, seconds):
        struct.pack_into("<q", self._map, 0, round(seconds * 1e9))

    def now(self):
        return time.time() + self.ahead

    @property
    def calls(self):
        """By which the program that runs, or ran last, changed files."""
        return struct.unpack_from("<Q", self._map, 8)[0]

    @property
    def unsynced(self):
        """A bit for each file that was written and not synced since."""
        return struct.unpack_from("<Q", self._map, 16)[0]

    def environment(self, kill_at=None, tear_at=None):
        """Of the program; SIGKILL before that call, or in the middle of it."""
        found = {"LD_PRELOAD": self.library, "STANCH_TEST_PAGE": os.path.abspath(self.path)}
        if kill_at is not None:
            found["STANCH_TEST_KILL_AT"] = str(kill_at)
        if tear_at is not None:
            found["STANCH_TEST_TEAR_AT"] = str(tear_at)
        return found
