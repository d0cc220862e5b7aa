"""Checks that each module has a test: a unit test that includes its header, or another test that is named here; and
that no test asks the simulator for a future of a fixed month, which it lists until that month is over.

    check_tests.py ROOT          checks the tree
    check_tests.py --self-test   tests the check itself
"""
import pathlib
import re
import sys
import tempfile

# Modules that no unit test includes: the test that drives each.
EXCEPTIONS = {
    # The whole service, over a virtual broker, clock and database.
    "broker/broker_ask.h": "unit/setup/test_broker_test.c",
    "broker/catalog.h": "scenario/faults/56-list-of-instruments.txt",
    "broker/list_request.h": "scenario/faults/91-reference-data-unreadable.txt",
    "broker/detail_walk.h": "scenario/faults/90-reference-data-refused.txt",
    "broker/reference_data.h": "scenario/faults/92-reference-data-cut.txt",
    "broker/reference_lists.h": "scenario/faults/104-lists-by-segment.txt",
    "broker/segment_request.h": "scenario/faults/104-lists-by-segment.txt",
    "broker/terminal_http.h": "scenario/faults/89-terminal-session-ends.txt",
    "broker/tape_look.h": "wire/test_tape.py",
    "broker/tape_requests.h": "wire/test_tape.py",
    "broker/trade_request.h": "wire/test_tape.py",
    "broker/token_keeper.h": "scenario/faults/10-token-invalid.txt",
    "feed/feed.h": "scenario/faults/02-stream-reset.txt",
    "feed/feed_messages.h": "scenario/faults/42-stream-stale.txt",
    "feed/handover.h": "scenario/faults/15-streamed-are-not-polled.txt",
    "feed/poll_messages.h": "scenario/faults/40-answers-cannot-be-read.txt",
    "feed/poller.h": "scenario/faults/35-rest-fails-while-polling.txt",
    "feed/probes.h": "scenario/faults/63-probe-without-answers.txt",
    "feed/stream_set.h": "scenario/faults/87-other-stream.txt",
    "feed/stream_source.h": "scenario/faults/07-one-instrument-silent.txt",
    "market/planning.h": "unit/market/test_planner.c",
    "merge/instrument_union.h": "unit/merge/test_merge.c",
    "merge/merge_run.h": "unit/merge/test_merge.c",
    "merge/recorder_db.h": "unit/merge/test_merge.c",
    "merge/union_db.h": "unit/merge/test_merge.c",
    "record/coverage_log.h": "scenario/faults/13-clock-jumps.txt",
    "record/store_events.h": "scenario/faults/53-database-locked.txt",
    "service/asking.h": "wire/test_lease.py",
    "service/lease_part.h": "wire/test_lease.py",
    "service/recording.h": "scenario/faults/56-list-of-instruments.txt",
    "service/broker_parts.h": "scenario/faults/69-reload-tries-again.txt",
    "service/record_parts.h": "scenario/faults/77-stopped-for-an-hour.txt",
    "service/reference_parts.h": "wire/test_reference.py",
    "service/service.h": "scenario/faults/01-no-fault.txt",
    "service/tape_part.h": "wire/test_backfill.py",
    "service/running.h": "scenario/faults/01-no-fault.txt",
    # A program and its processes, terminals, signals and users.
    "broker/hand_over.h": "wire/test_init.py",
    "cli/backfill_progress.h": "wire/test_backfill.py",
    "cli/backfill_wishes.h": "wire/test_backfill.py",
    "cli/common_options.h": "unit/cli/test_commands.c",
    "cli/init.h": "wire/test_init.py",
    "cli/init_dialog.h": "wire/test_init.py",
    "cli/init_files.h": "wire/test_init.py",
    "cli/init_login.h": "wire/test_init.py",
    "cli/refresh_command.h": "wire/test_instruments.py",
    "cli/status_feed_view.h": "unit/cli/test_status_view.c",
    "service/refresh.h": "wire/test_instruments.py",
    "cli/owners.h": "wire/test_users.py",
    "cli/prompt.h": "wire/test_init.py",
    "doctor/attempt.h": "wire/test_doctor.py",
    "doctor/checkup.h": "wire/test_doctor.py",
    "doctor/doctor.h": "wire/test_doctor.py",
    "net/certificate.h": "wire/test_doctor.py",
    "cli/quotes_notes.h": "wire/test_quotes.py",
    "service/report.h": "wire/test_signals.py",
    "service/signals.h": "wire/test_signals.py",
    "service/status_socket.h": "wire/test_commands.py",
    "sim/control.h": "wire/test_faults.py",
    "sim/terminal_client.h": "wire/test_sim_matriz.py",
    "sim/terminal_host.h": "wire/test_sim_matriz.py",
    "sim/terminal_streams.h": "wire/test_sim_matriz.py",
    # NATS, with real servers.
    "lease/contender.h": "wire/test_lease.py",
    "lease/lease_key.h": "wire/test_lease.py",
    "lease/lease.h": "wire/test_lease.py",
    "nats/key_value.h": "wire/test_lease.py",
    "nats/consumer.h": "wire/test_replica.py",
    "nats/library.h": "wire/test_sink.py",
    "nats/link.h": "wire/test_sink.py",
    "nats/message.h": "wire/test_sink.py",
    "nats/publisher.h": "wire/test_sink.py",
    "nats/stream.h": "wire/test_sink.py",
    "nats/stream_error.h": "wire/test_sink.py",
    "replica/intake.h": "wire/test_replica.py",
    "service/source_part.h": "wire/test_replica.py",
    "service/thread_events.h": "wire/test_sink.py",
    "service/sink_part.h": "wire/test_sink.py",
    "sink/session.h": "wire/test_sink.py",
    # A part of another module: tested through that one.
    "doctor/url_subject.h": "unit/doctor/test_url_explain.c",
    "export/cell_text.h": "unit/export/test_format.c",
    "feed/stream_link.h": "unit/feed/test_streamer.c",
    "export/destination.h": "unit/export/test_job.c",
    "export/text_format.h": "unit/export/test_table_file.c",
    "net/http_exchange.h": "unit/net/test_http.c",
    "net/wipe.h": "unit/net/test_ws.c",
    "api/detail_requests.h": "wire/test_list.py",
    "api/history_json.h": "wire/test_api_history.py",
    "api/history_requests.h": "wire/test_api_history.py",
    "api/local_api.h": "wire/test_local_api.py",
    "api/quote_events.h": "wire/test_api_feeds.py",
    "api/quote_list.h": "unit/api/test_quote_csv.c",
    "api/quote_requests.h": "wire/test_on_demand.py",
    "api/quote_row.h": "unit/api/test_quote_csv.c",
    "serve/head_reader.h": "wire/test_local_api.py",
    "serve/http_stream.h": "unit/serve/test_http_stream.c",
    "serve/source.h": "unit/serve/test_primary_api.c",
    "service/alert_part.h": "wire/test_alerts.py",
    "service/alerter.h": "scenario/faults/81-alerts.txt",
    "service/api_part.h": "wire/test_local_api.py",
    "service/disk_use.h": "wire/test_api_feeds.py",
    "service/metrics.h": "wire/test_api_feeds.py",
    "serve/disconnect.h": "unit/serve/test_server_faults.c",
    "serve/http_connection.h": "unit/serve/test_server.c",
    "serve/http_in.h": "unit/serve/test_server.c",
    "serve/http_out.h": "unit/serve/test_server.c",
    "serve/websocket.h": "unit/serve/test_websocket.c",
    "sim/frame_faults.h": "unit/sim/test_sim_streams.c",
    "sim/sim_streams.h": "unit/sim/test_sim_streams.c",
    "store/database_files.h": "unit/store/read/test_backup.c",
    "store/read/extract_cells.h": "unit/store/read/test_extract.c",
    "store/read/extract_tables.h": "unit/store/read/test_extract.c",
    "store/write/batch.h": "unit/store/write/test_store.c",
    "store/write/carried_state.h": "unit/store/write/test_reopen.c",
    "store/write/connection.h": "unit/store/write/test_reopen.c",
    "store/write/file_watch.h": "unit/store/write/test_reopen.c",
    "store/write/store_report.h": "unit/store/write/test_store.c",
    "store/write/store_thread.h": "unit/store/write/test_store.c",
    "store/write/tape_work.h": "unit/store/write/test_store_tape.c",
}

# Tests that name a future without the simulator.
FIXED_FUTURES = ("wire/pages.py", "wire/test_commands.py", "wire/test_init.py", "wire/test_page.py")
FUTURE = re.compile(r"\bDLR(?:/|%2F|_)[A-Z]{3}(?!99)[0-9]{2}", re.I)
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def names_in(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8")) if path.is_file() else []


def included(root):
    """The headers that unit tests include, directly or through headers of tests/. A header without a source, which has
    types only, is tested with the modules whose headers include it."""
    tests = root / "tests"
    found, seen = set(), set()
    todo = sorted(tests.glob("unit/**/test_*.c"))
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in names_in(path):
            if root / "include" in path.parents and (root / "src" / name).with_suffix(".c").exists():
                continue
            found.add(name)
            todo += [path.parent / name, tests / name, root / "include" / name]
    return found


def problems(root, exceptions):
    root = pathlib.Path(root)
    tested = included(root)
    modules = {str(path.relative_to(root / "include")) for path in root.glob("include/**/*.h")}
    found = []
    for module in sorted(modules - tested - exceptions.keys()):
        found.append(f"include/{module}: no test under tests/unit includes it: write "
                     f"tests/unit/{module.rpartition('/')[0]}/test_{pathlib.Path(module).stem}.c")
    for module, test in sorted(exceptions.items()):
        if module not in modules:
            found.append(f"tests/check_tests.py: {module}: no such module: remove the exception")
        elif module in tested:
            found.append(f"tests/check_tests.py: {module}: a unit test includes it: remove the exception")
        if not (root / "tests" / test).exists():
            found.append(f"tests/check_tests.py: {module}: tests/{test} does not exist")
    return found


def maturing(root, fixed):
    tests = pathlib.Path(root, "tests")
    names = [path for folder in ("wire", "programs", "package") for path in sorted(tests.glob(f"{folder}/*.py"))]
    found = []
    for path in names:
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            name = path.relative_to(tests).as_posix()
            if (future := FUTURE.search(line)) and name not in fixed:
                found.append(f"tests/{name}:{number}: {future.group()} matures: take a symbol of tests/wire/futures.py")
    return found


def self_test():
    files = {
        "include/a/direct.h": '#include "a/types.h"\n#include "a/untested.h"\n', "src/a/direct.c": "",
        "include/a/types.h": "", "src/a/untested.c": "", "src/a/driven.c": "", "src/a/through.c": "",
        "include/a/through.h": "", "include/a/driven.h": "", "include/a/untested.h": "",
        "tests/unit/a/test_direct.c": '#include "a/direct.h"\n#include "helper.h"\n',
        "tests/unit/a/helper.h": '  #  include "support/other.h"\n',
        "tests/support/other.h": '#include "a/through.h"\n#include <a/untested.h>\n',
        "tests/wire/test_it.py": 'A = "DLR/DIC99"\nB = "x=DLR%2FENE27&"\n',
    }
    cases = [
        ({"a/driven.h": "wire/test_it.py"}, ["include/a/untested.h: no test"]),
        ({"a/driven.h": "wire/none.py", "a/untested.h": "wire/test_it.py"}, ["none.py does not exist"]),
        ({"a/driven.h": "wire/test_it.py", "a/untested.h": "wire/test_it.py",
          "a/through.h": "wire/test_it.py"}, ["a/through.h: a unit test includes it"]),
        ({"a/driven.h": "wire/test_it.py", "a/untested.h": "wire/test_it.py",
          "a/gone.h": "wire/test_it.py"}, ["a/gone.h: no such module"]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for exceptions, expected in cases:
            found = problems(folder, exceptions)
            assert len(found) == len(expected), (exceptions, found)
            assert all(words in line for words, line in zip(expected, found)), (expected, found)
        found = maturing(folder, ())
        assert [line.split(" ")[:2] for line in found] == [["tests/wire/test_it.py:2:", "DLR%2FENE27"]], found
        assert maturing(folder, ("wire/test_it.py",)) == []


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    found = problems(sys.argv[1], EXCEPTIONS) + maturing(sys.argv[1], FIXED_FUTURES)
    print("\n".join(found) or "each module has a test, and no test a future that matures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
