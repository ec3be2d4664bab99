"""What `/sandbox` shows a newcomer to type: from a client of one's own to a finding that the examiner accepts.

The same in each language of the kit; what is needed besides is handed out by `/sandbox/kit/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LIBRARY: Final = "lintas-client.tar.gz"
DOCUMENT: Final = "0193e1f2-7c1a-7d5e-9b54-2f6f0a1c9d10"
"""The id in `finding.json` that stands for the document that was registered before."""
_SETTINGS: Final = """\
export LINTAS_BASE=$BASE LINTAS_CLIENT_ID=$CLIENT LINTAS_KID=$KID LINTAS_KEY=key.pem
"""
_FILLS: Final = f"""\
sed -i -e "s/{DOCUMENT}/$DOCUMENT/" -e "s|006/TM/PW|$(openssl rand -hex 6)/TM/PW|" finding.json
"""
_ACCEPTED: Final = """\
curl -s "$BASE/api/v1/sandbox/casefiles/$CASE/advance" -H 'Content-Type: application/json' \\
  -d '{"to": "under_examination"}'
"""
_BASH: Final = """\
curl -s --remote-name-all $BASE/sandbox/kit/lintas.sh $BASE/sandbox/kit/document.json $BASE/sandbox/kit/finding.json
bash lintas.sh get /me
DOCUMENT=$(bash lintas.sh send /documents document.json | bash lintas.sh field id)
"""
_BASH_SENDS: Final = """\
CASE=$(bash lintas.sh send /findings finding.json | bash lintas.sh field casefiles.0.id)
"""
_PHP: Final = """\
curl -s --remote-name-all $BASE/sandbox/kit/lintas.php $BASE/sandbox/kit/document.json $BASE/sandbox/kit/finding.json
php lintas.php get /me
DOCUMENT=$(php lintas.php send /documents document.json | php -r 'echo json_decode(file_get_contents("php://stdin"))->id;')
"""
_PHP_SENDS: Final = """\
CASE=$(php lintas.php send /findings finding.json |
  php -r 'echo json_decode(file_get_contents("php://stdin"))->casefiles[0]->id;')
"""
_NODE: Final = """\
curl -s --remote-name-all $BASE/sandbox/kit/lintas.mjs $BASE/sandbox/kit/document.json $BASE/sandbox/kit/finding.json
node lintas.mjs get /me
DOCUMENT=$(node lintas.mjs send /documents document.json | node -p 'JSON.parse(fs.readFileSync(0)).id')
"""
_NODE_SENDS: Final = """\
CASE=$(node lintas.mjs send /findings finding.json | node -p 'JSON.parse(fs.readFileSync(0)).casefiles[0].id')
"""
_PYTHON: Final = f"""\
python3 -m venv lintas-env
lintas-env/bin/pip install -q "lintas-client @ $BASE/sandbox/kit/{LIBRARY}#subdirectory=kit/python"
export PATH=$PWD/lintas-env/bin:$PATH
lintas login --base-url $BASE --client-id $CLIENT --kid $KID --key key.pem
curl -s -O $BASE/sandbox/kit/finding.json
echo '%PDF-1.7' > kajian.pdf
DOCUMENT=$(lintas documents register kajian.pdf --type assessment --title Kajian)
"""
_PYTHON_SENDS: Final = """\
CASE=$(lintas findings submit finding.json | cut -d ' ' -f 1 | head -1)
"""
_LINES: Final[Mapping[str, str]] = {
    "bash": _SETTINGS + _BASH + _FILLS + _BASH_SENDS + _ACCEPTED,
    "PHP": _SETTINGS + _PHP + _FILLS + _PHP_SENDS + _ACCEPTED,
    "Node.js": _SETTINGS + _NODE + _FILLS + _NODE_SENDS + _ACCEPTED,
    "Python": _PYTHON + _FILLS + _PYTHON_SENDS + _ACCEPTED,
}


def first_finding(base: str) -> Mapping[str, str]:
    """By language: lines for bash, in the folder where key.pem is, for the register at that base URL."""
    begin = f"BASE={base} CLIENT=percobaan-saya KID=kunci-1\n\n"
    return {language: begin + lines for language, lines in _LINES.items()}
