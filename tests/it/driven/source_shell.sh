# A connector for tests that needs a shell alone: it notes in /local what it was given and ends as its configuration tells it to.
verb=$1
echo "args $*" >>/local/journal
while [ $# -gt 0 ]; do
    case $1 in
        --config) read -r config <"$2"; echo "config $config" >>/local/journal ;;
        --state) read -r state <"$2" ;;
    esac
    shift
done
case $verb in
    spec)
        properties='{"key":{"type":"string","airbyte_secret":true},"end":{"type":"string"}}'
        echo '{"type":"SPEC","spec":{"connectionSpecification":{"type":"object","properties":'"$properties"'}}}'
        ;;
    check) echo '{"type":"CONNECTION_STATUS","connectionStatus":{"status":"SUCCEEDED"}}' ;;
    discover)
        stream='{"name":"users","supported_sync_modes":["full_refresh","incremental"],"json_schema":{"properties":{}}}'
        echo '{"type":"CATALOG","catalog":{"streams":['"$stream"']}}'
        ;;
    read)
        echo '{"type":"RECORD","record":{"stream":"users","data":{"state":'"$state"'},"emitted_at":1}}'
        of_users='{"stream_descriptor":{"name":"users"},"stream_state":{"next":1}}'
        echo '{"type":"STATE","state":{"type":"STREAM","stream":'"$of_users"'}}'
        case $config in
            *'"asked"'*) trap 'echo ended >>/local/journal; exit 0' TERM INT ;;
            *'"killed"'*) trap '' TERM INT ;;
            *) exit 0 ;;
        esac
        sleep 600 &
        wait
        ;;
esac
