"""A connector for tests: it says what its configuration tells it to."""
import json
import os
import sys
import time


def option(name):
    return json.load(open(sys.argv[sys.argv.index(name) + 1])) if name in sys.argv else None


def say(**message):
    print(json.dumps(message), flush=True)


SPEC = {"type": "object", "required": ["count"], "properties": {
    "count": {"type": "integer"}, "key": {"type": "string", "airbyte_secret": True}, "do": {"type": "string"}}}
STREAMS = [{"name": name, "supported_sync_modes": modes, "json_schema": {"properties": {"id": {}, "text": {}}}}
           for name, modes in (("users", ["full_refresh", "incremental"]), ("orders", ["full_refresh"]))]


def note(*words):
    with open(os.environ.get("JOURNAL", os.devnull), "a") as journal:
        print(*words, file=journal)


config = option("--config") or {}
do = config.get("do", "")
mode = oct(os.stat(sys.argv[sys.argv.index("--config") + 1]).st_mode & 0o777) if config else ""
note(sys.argv[1], mode, config.get("key", ""))
verb = sys.argv[1]
if do == "note":
    note(open(sys.argv[sys.argv.index("--config") + 1]).read())
    note(open(sys.argv[sys.argv.index("--state") + 1]).read() if "--state" in sys.argv else "")
if verb == "spec":
    say(type="SPEC", spec={"connectionSpecification": SPEC})
elif verb == "check":
    print("no message of the protocol, with", config.get("key"), flush=True)
    if do == "trace":
        say(type="TRACE", trace={"type": "ERROR", "emitted_at": 1, "error": {
            "message": "the key %s is old" % config["key"], "failure_type": "config_error"}})
        print("Traceback: %s" % config["key"], file=sys.stderr)
        sys.exit(1)
    if do == "silent":
        sys.exit(0)
    say(type="CONNECTION_STATUS", connectionStatus={
        "status": "FAILED" if do == "fail" else "SUCCEEDED", "message": "seen %s" % config.get("key")})
    time.sleep(60)
    note("slept")
elif verb == "discover":
    say(type="CATALOG", catalog={"streams": STREAMS})
else:
    told = [state["stream"] for state in option("--state") if "stream" in state]
    states = {state["stream_descriptor"]["name"]: state["stream_state"] for state in told}
    for line in config.get("say", []):
        print(line, flush=True)
    for number in range(config.get("unasked", 0)):
        say(type="RECORD", record={"stream": "odd", "data": {"odd": number}, "emitted_at": 1})
    for stream in option("--catalog")["streams"]:
        name = stream["stream"]["name"]
        place = {key: stream["stream"][key] for key in ("namespace",) if key in stream["stream"]}
        knows = stream["sync_mode"] == "incremental" or do == "resume"
        start = states.get(name, {}).get("next", 0) if knows else 0
        for number in range(start, config["count"]):
            say(type="RECORD", record={
                **place, "stream": config.get("as", name), "data": {"id": number, "text": "%s, \"%d\"" % (stream["sync_mode"], number)}, "emitted_at": 1})
            if number % 10 == 9:
                say(type="STATE", state={"type": "STREAM", "stream": {
                    "stream_descriptor": {"name": name}, "stream_state": {"next": number + 1, **config.get("state", {})}}})
            if do == "crash" and number == 34:
                sys.stdout.buffer.write(b"\xff half a line")
                sys.stdout.flush()
                print("MemoryError", file=sys.stderr)
                os._exit(3)
            if do == "slow":
                time.sleep(0.002)
            if do == "hang" and number == 34:
                time.sleep(60)
    if "signal" in config:
        os.kill(os.getpid(), config["signal"])
    sys.exit(config.get("exit", 0))
