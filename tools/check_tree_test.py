#!/usr/bin/env python3
"""Plants one breach at a time in a small good tree; check_tree must find each, and nothing else."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_tree")
LOADER = importlib.machinery.SourceFileLoader("check_tree", PROGRAM)
check_tree = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_tree", LOADER))
LOADER.exec_module(check_tree)

GOOD = {
    "src/base/CMakeLists.txt": "stanch_module(base LINKS )\n",
    "src/base/README.md": "# base\n",
    "src/base/result.h": "#pragma once\n#include <string>\n",
    "src/codec/CMakeLists.txt": "find_package(ZLIB)\nstanch_module(codec LINKS base\n  LIBRARIES zlib)\n",
    "src/codec/README.md": "# codec\n",
    "src/codec/json.h": '#pragma once\n#include "base/result.h"\n',
    "src/codec/json.cc": '#include "codec/json.h"\n#include <zlib.h>\n#include <simdjson.h>\n',
    "src/model/CMakeLists.txt": "stanch_module(model LINKS codec base)\n",
    "src/model/README.md": "# model\n",
    "src/model/event.h": '#pragma once\n#include "codec/json.h"\n',
    "src/env/CMakeLists.txt": "stanch_module(env LINKS model codec base)\n",
    "src/env/README.md": "# env\n",
    "src/env/env.h": '#pragma once\n#include "base/result.h"\n#include <chrono>\n',
    "src/env/os/CMakeLists.txt": "stanch_module(env/os LINKS env base LIBRARIES Threads::Threads)\n",
    "src/env/os/os.h": '#pragma once\n#include "env/env.h"\n',
    "src/env/os/os.cc": '#include "env/os/os.h"\n#include <unistd.h>\n#include <thread>\n'
                        "int f() { return ::open(0) + std::chrono::steady_clock::now(); }\n",
    "src/env/sim/CMakeLists.txt": "stanch_module(env/sim LINKS env base)\n",
    "src/env/sim/sim.h": '#pragma once\n#include "env/env.h"\n#include <mutex>\n',
    "src/detect/CMakeLists.txt": "stanch_module(detect LINKS model codec base)\n",
    "src/detect/README.md": "# detect\n",
    "src/detect/detect.h": '#pragma once\n#include "model/event.h"\n#include <fmt/format.h>\n',
    "src/detect/detect_test.cc": '#include "detect/detect.h"\n#include <gtest/gtest.h>\n'
                                 '#include "env/sim/sim.h"\n#include <fstream>\n',
    "src/ingest/CMakeLists.txt": "stanch_module(ingest LINKS env model codec base)\n",
    "src/ingest/README.md": "# ingest\n",
    "src/ingest/ingest.h": '#pragma once\n#include "env/env.h"\n#include "model/event.h"\n',
    "src/ingest/ingest.cc": '#include "ingest/ingest.h"\n'
                            "// time(nullptr), rand() and getenv(\"X\") are banned; files.open() is not\n"
                            'const char* kText = "std::regex system(1) " R"(rand() \n "fopen(")";\n'
                            "Time Record::time() const { return files.open(path), x->sleep(1); }\n",
    "src/pipeline/CMakeLists.txt":
        "stanch_module(pipeline LINKS ingest detect env model codec base)\n",
    "src/pipeline/README.md": "# pipeline\n",
    "src/pipeline/scan.h": '#pragma once\n#include "ingest/ingest.h"\n#include "detect/detect.h"\n',
    "src/cli/CMakeLists.txt": "stanch_module(cli LINKS pipeline env)\n",
    "src/cli/README.md": "# cli\n",
    "src/cli/cli.cc": '#include "pipeline/scan.h"\n#include <CLI/App.hpp>\n',
    "src/main.cc": '#include "env/os/os.h"\n',
    "tests/naive/naive.cc": "#include <thread>\n#include <re2/re2.h>\n#include <fstream>\n",
    "dev": "#!/bin/bash\n",
}


def lines(*text):
    return "\n".join(text) + "\n"


# name, file, what it holds then (None: nothing), what check_tree must say.
BREACHES = [
    ("upward", "src/codec/a.h", '#pragma once\n#include "model/event.h"\n', "layers: includes \"model/event.h\": codec is below model"),
    ("stage to stage", "src/detect/a.cc", '#include "ingest/ingest.h"\n', "layers: includes \"ingest/ingest.h\": detect and ingest meet only"),
    ("pure stage to env", "src/detect/a.cc", '#include "env/env.h"\n', "is a function of (state, input, now)"),
    ("real world in a module", "src/cli/a.cc", '#include "env/os/os.h"\n', "only main.cc, tests and bench may name env/os"),
    ("sim in a module", "src/pipeline/a.cc", '#include "env/sim/sim.h"\n', "may name env/sim"),
    ("one world in the other", "src/env/sim/a.cc", '#include "env/os/os.h"\n', "may name env/os"),
    ("tests are not free of layers", "src/base/a_test.cc", '#include "codec/json.h"\n', "base is below codec"),
    ("test header in the program", "src/base/a.cc", '#include "base/a_for_test.h"\n', "which is for tests", {"src/base/a_for_test.h": "#pragma once\n#include <gtest/gtest.h>\n"}),
    ("unknown module", "src/extra/a.cc", "\n", "src/extra is no known module"),
    ("include of nothing", "src/base/a.cc", '#include "base/gone.h"\n', "is no file of src/"),
    ("file cycle", "src/base/result.h", '#pragma once\n#include "base/b.h"\n', "cycles: files include each other", {"src/base/b.h": '#pragma once\n#include "base/result.h"\n'}),
    ("library away from home", "src/detect/a.cc", "#include <re2/re2.h>\n", "headers: <re2/re2.h> belongs in codec"),
    ("simdjson away from home", "src/ingest/a.cc", "#include <simdjson.h>\n", "belongs in codec"),
    ("yaml away from home", "src/detect/a.cc", "#include <yaml-cpp/yaml.h>\n", "belongs in codec"),
    ("openssl away from home", "src/model/a.cc", "#include <openssl/evp.h>\n", "belongs in codec"),
    ("command line away from home", "src/pipeline/a.cc", "#include <CLI/CLI.hpp>\n", "belongs in cli"),
    ("gtest in the program", "src/base/a.cc", "#include <gtest/gtest.h>\n", "belongs in tests only"),
    ("nlohmann", "src/codec/a.cc", "#include <nlohmann/json.hpp>\n", "nlohmann"),
    ("nlohmann in a test", "tests/a.cc", "#include <nlohmann/json.hpp>\n", "nlohmann"),
    ("unknown library", "src/codec/a.cc", "#include <rapidxml.hpp>\n", "neither standard nor of a library"),
    ("system header", "src/codec/a.cc", "#include <unistd.h>\n", "neither standard nor of a library"),
    ("sockets", "src/ingest/a.cc", "#include <sys/socket.h>\n", "neither standard nor of a library"),
    ("thread", "src/pipeline/a.cc", "#include <thread>\n", "<thread> belongs in env/os"),
    ("mutex", "src/detect/a.cc", "#include <mutex>\n", "<mutex> belongs in env/os"),
    ("random", "src/detect/a.cc", "#include <random>\n", "<random> belongs in tests only"),
    ("filesystem", "src/ingest/a.cc", "#include <filesystem>\n", "belongs in env/os"),
    ("regex", "tests/a.cc", "#include <regex>\n", "<regex> belongs nowhere"),
    ("clock", "src/detect/a.cc", "auto t = std::chrono::system_clock::now();\n", "calls: `_clock::now` is a clock"),
    ("steady clock", "src/env/sim/a.cc", "auto t = std::chrono::steady_clock ::now();\n", "is a clock"),
    ("time()", "src/detect/a.cc", "auto t = std::time(nullptr);\n", "is a clock"),
    ("rand()", "src/detect/a.cc", "int x = rand();\n", "is chance"),
    ("getenv", "src/cli/a.cc", "auto v = std::getenv(name);\n", "environment variables"),
    ("sleep_for", "src/pipeline/a.cc", "std::this_thread::sleep_for(x);\n", "is a sleep"),
    ("sleep", "src/pipeline/a.cc", "void f() { usleep(100); }\n", "is a sleep"),
    ("fopen", "src/ingest/a.cc", "auto f = std::fopen(p, m);\n", "files: env::Files"),
    ("::open", "src/ingest/a.cc", "int f = ::open(p, m);\n", "files and sockets"),
    ("std::filesystem", "src/ingest/a.cc", "std::filesystem::path p;\n", "files: env::Files"),
    ("std::thread", "src/pipeline/a.cc", "std::thread t;\n", "threads: env::Threads"),
    ("std::regex", "tests/a.cc", "std::regex r;\n", "std::regex"),
    ("system()", "tests/a.cc", 'int x = system("ls");\n', "a shell"),
    ("popen()", "src/cli/a.cc", "auto p = ::popen(x, y);\n", "a shell"),
    ("using namespace", "src/base/a.h", "#pragma once\nusing namespace std;\n", "`using namespace` in a header"),
    ("file of strangers", "src/base/string_util.cc", "\n", "gathers strangers"),
    ("folder of strangers", "tests/helpers/a.cc", "\n", "gathers strangers"),
    ("no pragma", "src/base/a.h", "struct A;\n", "no #pragma once"),
    ("no readme", "src/model/README.md", None, "readme: no README.md"),
    ("nothing to fuzz from", "src/codec/x_fuzz.cc", "int f();\n", "fuzzing: no words to begin with"),
    ("long readme", "src/model/README.md", "x\n" * 41, "41 lines, more than 40"),
    ("link upward", "src/codec/CMakeLists.txt", "stanch_module(codec LINKS model base LIBRARIES zlib)\n", "codec links model: codec is below model"),
    ("link of a sibling", "src/ingest/CMakeLists.txt", lines("stanch_module(ingest", "  LINKS detect env model codec base)"), "ingest links detect"),
    ("link of nothing", "src/model/CMakeLists.txt", "stanch_module(model LINKS codec base zlib)\n", "which is no module"),
    ("include without link", "src/model/CMakeLists.txt", "stanch_module(model LINKS base)\n", "model does not link codec"),
    ("module without target", "src/model/CMakeLists.txt", "# stanch_module(model LINKS codec base)\n", "no stanch_module(model"),
    ("module declared elsewhere", "src/codec/CMakeLists.txt", lines("stanch_module(codec LINKS base LIBRARIES z)", "stanch_module(model LINKS codec base)"), "model is declared outside its folder"),
    ("home of a person", "docs/a.md", "see /home/alice/x\n", "paths: names a path of one machine"),
    ("home of root", "dev", "#!/bin/bash\ncd /" + "root/x\n", "names a path of one machine"),
    ("work folder", "src/base/a.cc", '// from /' + 'work/thing\n', "names a path of one machine"),
]


class CheckTree(unittest.TestCase):
    def run_on(self, files, *options):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                if text is None:
                    continue
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            out, errors = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
                code = check_tree.main(["--root", root, *options])
            return code, out.getvalue(), errors.getvalue()

    def test_a_good_tree_passes(self):
        self.assertEqual(self.run_on(GOOD), (0, "", ""))

    def test_each_breach_is_found(self):
        for name, path, text, message, *more in BREACHES:
            with self.subTest(name):
                files = {**GOOD, path: text, **(more[0] if more else {})}
                code, out, _ = self.run_on(files)
                self.assertEqual(code, 1, f"{name}: not found")
                self.assertIn(message, out)

    def test_a_breach_names_its_line(self):
        files = {**GOOD, "src/base/a.cc": "\n// rand()\n/* two\nlines */ int x = rand();\n"}
        self.assertIn("src/base/a.cc:4: calls: ", self.run_on(files)[1])

    def test_built_things_are_not_read(self):
        files = {**GOOD, "build/x/util.h": "", ".git/helper.h": ""}
        self.assertEqual(self.run_on(files)[0], 0)

    def test_sizes_are_listed_and_fail_nothing(self):
        body = "int f() {\n" + "  g();\n" * 80 + "}\n"
        files = {**GOOD, "src/base/long.cc": body + "\n" * 600, "src/base/long.h": "#pragma once\n" * 301}
        code, out, _ = self.run_on(files, "--sizes")
        self.assertEqual(code, 0)
        self.assertIn("src/base/long.cc: 682 lines, more than 600", out)
        self.assertIn("src/base/long.cc:1: a function of about 81 lines", out)
        self.assertIn("src/base/long.h: 301 lines, more than 300", out)


if __name__ == "__main__":
    unittest.main()
