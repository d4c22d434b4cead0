# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents, their examples, and the tests that run these.

An example is a block of a document: in Markdown, lines that are indented by four spaces or stand
between ``` lines; in a manual page, lines between .EX and .EE. What it begins with says what it is:

    session   commands for a shell. If the first line begins with "$ ", lines that do not begin so
              are the exact output of the command before them. A command must succeed unless it ends
              with "# fails".
    case      operations of memhpsim(1), with their exact answers
    machine   a machine file, which must boot
    change    a diff, or what is printed after it, in CONTRIBUTING.md
    quote     a file of this tree, which the ``` line names after the language
    program   a whole program, in a page about libmemhp
    project   in doc/recipes, a file of the project there, which the ``` line names

DOCUMENTS lists all documents with examples, with the test that runs their sessions. NOT_RUN lists every
example that no test runs, and why: a document, the beginning of a command or block, and the reason.
"""
import pathlib
import re
import subprocess

import ci_files

DOCUMENTS = {
    "README.md": "readme",
    "man/memhpfs-tutorial.7": "readme",
    "man/memhpfs.8": "readme",
    "man/memhpfs-run.1": "readme",
    "man/memhpfs-explore.1": "readme",
    "man/memhp.1": "readme",
    "man/memhp.3": "lib-example",
    "man/memhpfs-view.1": "readme",
    "man/memhpfs.7": "cases",
    "man/memhpfs-machine.5": "cases",
    "man/memhpsim.1": "cases",
    "doc/guide.md": "cases",
    "doc/explore.md": "cases",
    "doc/kits.md": "cases",
    "doc/recipes/README.md": "recipes",
    "doc/recipes/github-actions.md": "recipes",
    "doc/recipes/gitlab-ci.md": "recipes",
    "doc/recipes/containers.md": "recipes",
    "doc/recipes/kubernetes.md": "recipes",
    "doc/recipes/test-runners.md": "recipes",
    "doc/recipes/systemd-nspawn.md": "recipes",
    "doc/release.md": "cases",
    "doc/speed.md": "cases",
    "CONTRIBUTING.md": "contributing",
}

NOT_RUN = [
    ("README.md", r"apt-get install ", "needs the network; compared with scripts/lib.sh"),
    ("man/memhpfs.8", r"vm-8g /srv", "a line of fstab, which the test by-name mounts"),
    ("man/memhpfs.8", r"systemctl|lsmem --sysroot \$XDG", "needs systemd as process 1"),
    ("man/memhpfs-run.1", r"/proc/pressure", "a list, which the test ways-out compares with what is there"),
    ("man/memhpfs-explore.1", r"memhpfs-explore (--report junit|--junit)", "a test suite of somebody else"),
    ("man/memhpfs-view.1", r"memhpfs", "needs a terminal, which the test view-terminal provides"),
    ("man/memhpsim.1", r"memhpsim (--live|answers)",
     "changes the real machine; the test live does it on a mount"),
    ("doc/explore.md", r"memhpfs-explore ", "takes minutes; the suite explore runs smaller ones"),
    ("doc/kits.md", r"cc example.c", "needs an installed libmemhp; the build compiles the same file"),
    ("doc/kits.md", r"#   |E       |ERROR: ", "the end of what a failing test prints"),
    ("doc/recipes/README.md", r"memhpfs-run: ", "a message, which the test in-a-container compares"),
    ("doc/recipes/github-actions.md", r"memhpfs/scripts/install", "installs packages; readme runs it"),
    ("doc/recipes/gitlab-ci.md", r"apt-get |git clone |/tmp/memhpfs/", "needs the network"),
    ("doc/recipes/containers.md", r"docker build ", "needs Docker and the network"),
    ("doc/recipes/kubernetes.md", r"kubectl |sh -c 'mkdir -p /shared|lsmem --sysroot /shared",
     "needs a cluster"),
    ("doc/kits.md", r"cd kits/(go|rust)", "needs Go or Rust, which CI does not have"),
    ("doc/speed.md", r"meson test ", "takes minutes, and measures"),
    ("doc/release.md", r"", "makes a release"),
    ("CONTRIBUTING.md", r"(meson|ninja|scripts/test)", "builds and tests, as scripts/test does"),
    ("CONTRIBUTING.md", r"test/readme/examples", "the test examples runs it"),
    ("CONTRIBUTING.md", r"memhpsim ", "changes the real machine; the test live does it on a mount"),
]

# what runs the kinds of examples that are no sessions
RUNNERS = {"project": "recipes", "case": "cases", "machine": "cases", "quote": "cases",
           "change": "contributing", "program": "lib-example"}

PROMPT = "$ "
FAILS = "# fails"
TROFF = {"\\fB": "", "\\fR": "", "\\fP": "", "\\fI": "", "\\&": "", "\\-": "-",
         "\\(aq": "'", "\\(dq": '"', "\\e": "\\"}


class Command:
    """A command of a session."""

    def __init__(self, document, line, text):
        self.document = document
        self.line = line
        self.text = text
        self.output = None  # the lines that the document shows

    def __str__(self):
        return "%s:%d: %s" % (self.document, self.line, self.text)

    def fails(self):
        return self.text.endswith(FAILS)

    def not_run(self):
        return not_run(self.document, self.text)


class Block:
    """An example as it is printed; @line is the number of its first line, @language that of its fence."""

    def __init__(self, document, line, language, lines, before):
        self.document = document
        self.line = line
        self.language = language
        self.lines = lines
        self.before = before  # the line of text before it

    def __str__(self):
        return "%s:%d: %s" % (self.document, self.line, self.lines[0])

    def kind(self):
        first = self.lines[0]
        if self.document == "CONTRIBUTING.md" and self.language in ("diff", "console"):
            return "change"
        if self.document.startswith("doc/recipes/") and " " in (self.language or ""):
            return "project"
        if first.startswith(PROMPT) or self.language in ("sh", "console"):
            return "session"
        if self.language is None and first.startswith("#include"):
            return "program"
        if first == "---" or re.match(r"(> |given )", first):
            return "case"
        if self.language == "yaml" or re.match(r"[a-z_]+:($| )", first):
            return "machine"
        return "session" if self.language is None and self.document.endswith(".md") else "quote"

    def commands(self):
        """Return the commands of a session."""
        session = self.lines[0].startswith(PROMPT)
        commands, i = [], 0
        while i < len(self.lines):
            start, text = i, self.lines[i]
            i += 1
            if session and not text.startswith(PROMPT):
                commands[-1].output.append(text)
                continue
            text = text[len(PROMPT):] if session else text
            while not is_complete(text) and i < len(self.lines):
                text += "\n" + self.lines[i]
                i += 1
            if text.strip():
                commands.append(Command(self.document, self.line + start, text))
                commands[-1].output = [] if session else None
        return commands


def is_complete(text):
    if text.endswith("\\"):
        return False
    checked = subprocess.run(["bash", "-n", "-c", text], stderr=subprocess.PIPE)
    return not checked.returncode and b"here-document" not in checked.stderr


def not_run(document, text):
    """Return the reason why no test runs an example that begins with @text, or None."""
    for name, pattern, reason in NOT_RUN:
        if name == document and re.match(pattern, text):
            return reason
    return None


def markdown_blocks(document, lines):
    blocks, block, before = [], None, ""
    for number, line in enumerate(lines, 1):
        if block and block.language is not None:
            if line.startswith("```"):
                blocks.append(block)
                block = None
            else:
                block.lines.append(line)
        elif line.startswith("```"):
            block = Block(document, number + 1, line[3:], [], before)
        elif line.startswith("    ") or (block and not line):
            block = block or Block(document, number, None, [], before)
            block.lines.append(line[4:])
        else:
            if block:
                blocks.append(block)
                block = None
            before = line or before
    return blocks + ([block] if block else [])


def manual_blocks(document, lines):
    blocks, block, before = [], None, ""
    for number, line in enumerate(lines, 1):
        if line == ".EX":
            block = Block(document, number + 1, None, [], before)
        elif line == ".EE":
            blocks.append(block)
            block = None
        elif block:
            for escape, text in TROFF.items():
                line = line.replace(escape, text)
            block.lines.append(line)
        elif not line.startswith("."):
            before = line
    return blocks


def blocks_of(source, document):
    """Return the examples of a document."""
    lines = (pathlib.Path(source) / document).read_text().splitlines()
    blocks = (markdown_blocks if document.endswith(".md") else manual_blocks)(document, lines)
    for block in blocks:
        while block.lines and not block.lines[-1]:
            block.lines.pop()
    return [block for block in blocks if block.lines]


def commands_of(source, document):
    """Return the commands of all sessions of a document."""
    return [command for block in blocks_of(source, document) if block.kind() == "session" and
            not not_run(document, block.lines[0]) for command in block.commands()]


def documents_in(source):
    """Return the names of all documents of the tree that have examples, whether they are listed or not."""
    source = pathlib.Path(source)
    paths = [*source.glob("*.md"), *source.glob("doc/**/*.md"), *source.glob("man/*.[1-8]")]
    names = sorted(str(path.relative_to(source)) for path in paths if path.name != "HACKING.md")
    return [name for name in names if blocks_of(source, name)]


def runner(block):
    return DOCUMENTS[block.document] if block.kind() == "session" else RUNNERS.get(block.kind())


def examples(source):
    """Return [(document, line, text, test, reason)] for all examples; one of the last two is None."""
    found = []
    for document in DOCUMENTS:
        for block in blocks_of(source, document):
            reason = not_run(document, block.lines[0])
            parts = [block]
            if block.kind() == "project" and block.language.startswith("yaml"):
                texts = ci_files.commands("\n".join(block.lines))
                parts += [Command(document, block.line, text) for text in texts]
            if block.kind() == "session" and not reason:
                parts = block.commands()
            for part in parts:
                text = part.text if isinstance(part, Command) else part.lines[0]
                reason = not_run(document, text)
                test = None if reason else runner(block)
                found.append((document, part.line, text.split("\n")[0], test, reason))
    return found
