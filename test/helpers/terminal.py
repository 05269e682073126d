"""Types at a program on a terminal of its own and tells what the screen shows at the end.

Standard input: {"argv": [...], "steps": [[keys, awaited, whileRunning], ...]} in JSON. A step types its keys when the screen, from
the line of the step before on, fits the regular expression `awaited`, and when the program reads a line, which shows in the
terminal's echo being off; with `whileRunning` when it does something else. A step without keys kills the program. Standard output: {"screen": text, "exitCode": n}.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 20
SEQUENCE = re.compile(r"\x1b\[([?>]?)([\d;]*)([@A-Za-z])|\x1b[=>]|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+")


class Screen:
    """All lines that were shown, without the ways in which they were drawn; nothing scrolls off or wraps."""

    def __init__(self):
        self.lines, self.row, self.column, self.cut = [""], 0, 0, ""

    def line(self):
        return self.lines[self.row]

    def feed(self, text):
        text, self.cut = re.fullmatch(r"(.*?)(\x1b(?:\[[?>]?[\d;]*)?)?", self.cut + text, re.DOTALL).groups("")
        for found in SEQUENCE.finditer(text):
            private, numbers, letter = found.group(1, 2, 3)
            if letter is not None:
                if not private:
                    self.control(letter, int(numbers.split(";")[0] or 0))
            elif found.group() == "\n":
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append("")
            elif found.group() == "\r":
                self.column = 0
            elif found.group() == "\b":
                self.column = max(0, self.column - 1)
            elif found.group() == "\t":
                self.write(" " * (8 - self.column % 8))
            elif found.group()[0] >= " " and found.group() != "\x7f":
                self.write(found.group())

    def control(self, letter, number):
        line = self.line()
        if letter == "G":
            self.column = max(number, 1) - 1
        elif letter == "C":
            self.column += max(number, 1)
        elif letter == "D":
            self.column = max(0, self.column - max(number, 1))
        elif letter == "A":
            self.row = max(0, self.row - max(number, 1))
        elif letter == "K" and number == 0:
            self.lines[self.row] = line[: self.column]
        elif letter == "K" and number == 2:
            self.lines[self.row] = ""
        elif letter == "J" and number == 0:
            self.lines[self.row :] = [line[: self.column]]
        elif letter == "P":
            self.lines[self.row] = line[: self.column] + line[self.column + max(number, 1) :]
        elif letter == "@":
            self.lines[self.row] = line[: self.column].ljust(self.column) + " " * max(number, 1) + line[self.column :]
        elif letter not in "mhl":
            raise ValueError("unknown control sequence %r" % letter)

    def write(self, text):
        line = self.line().ljust(self.column)
        self.lines[self.row] = line[: self.column] + text + line[self.column + len(text) :]
        self.column += len(text)


def start(argv):
    size = struct.pack("HHHH", 24, 80, 0, 0)
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.execvpe(argv[0], argv, {**os.environ, "TERM": "xterm"})
    return pid, terminal


def has_echo(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def sleeps(pid):
    """Python's input() does not notice a Ctrl-C that comes just before it waits."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(") ")[2][0] == "S"


def read(terminal, screen, limit):
    """False at the end."""
    if not select.select([terminal], [], [], max(0, limit - time.monotonic()))[0]:
        raise TimeoutError("\n".join(screen.lines))
    try:
        text = os.read(terminal, 65536).decode("utf-8", "replace")
    except OSError:
        return False
    screen.feed(text)
    return text != ""


def play(terminal, steps):
    screen = Screen()
    for keys, awaited, *is_running in steps:
        row, limit = screen.row, time.monotonic() + PATIENCE
        while not re.search(awaited, "\n".join(screen.lines[row:])):
            if not read(terminal, screen, limit):
                return screen
        while has_echo(terminal) != any(is_running) or not sleeps(pid):
            time.sleep(0.005)
            if time.monotonic() > limit:
                raise TimeoutError("the program does not read")
        if keys == "":
            os.kill(pid, signal.SIGKILL)
        os.write(terminal, keys.encode())
    while read(terminal, screen, time.monotonic() + PATIENCE):
        pass
    return screen


asked = json.load(sys.stdin)
pid, terminal = start(asked["argv"])
try:
    screen = play(terminal, asked["steps"])
except BaseException:
    os.kill(pid, signal.SIGKILL)
    raise
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
json.dump({"screen": "\n".join(screen.lines), "exitCode": code}, sys.stdout)
