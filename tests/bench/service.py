"""Common functions of the benchmarks of the service: configuration, and waiting for conditions."""
import os
import time

PATIENCE_S = 60


def configure(folder, url, sections, password="demo", listen="", broker=""):
    """Writes a configuration that records all instruments of the broker at `url`; returns (path, database).
    session.always is true, because outside the session each instrument is polled only once a minute."""
    password_file, conf, db = (os.path.join(folder, name) for name in ("password", "cinta.conf", "cinta.db"))
    with open(os.open(password_file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(password + "\n")
    with open(conf, "w", encoding="utf-8") as file:
        file.write(f'''
broker {{ url = "{url}"  user = "demo"  password_file = "{password_file}"  {broker} }}
session {{ always = true }}
instruments {{ match = {{"*"}} }}
store {{ path = "{db}" }}
serve {{ listen = "{listen}" }}
state_dir = "{folder}/state"
{sections}
''')
    return conf, db


def wait_for(condition, what, seconds=PATIENCE_S):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def arguments(parser):
    """Common options: the size of the measurement. --smoke: two seconds, only to check that it works."""
    parser.add_argument("--dir")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", dest="size", const="quick", default="full")
    size.add_argument("--smoke", action="store_const", dest="size", const="smoke")
    return parser.parse_args()
