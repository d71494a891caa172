#!/bin/sh
# The launcher of this repository: becomes the `prime` of the version below, and fetches it where it is not there yet.
# `prime init` wrote it, `prime init --update` renews it. Below stand sha256 and name of the wheel of each platform.
# Needs sh and curl, wget or python3; to fetch also chmod, head, ln, mkdir, mv, od, readlink, rm, sed, sleep, tail, tr,
# uname, and sha256sum, shasum, openssl or python3 to verify with. What was fetched once is started by sh alone.
prime_version='@VERSION@'
prime_index='@INDEX@'
prime_pins='
@PINS@
'
set -u
die() { code=$1 && shift && printf '%s\n' "$@" >&2 && exit "$code"; }
usable() { [ -f "$1" ] && [ -x "$1" ] && [ -s "$1" ]; }
become() { export PROTOPRIMER_PROTO_CODE="$prime_self" && exec "$@"; }
alive() { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]; }
start() {
  for prime_file in ${PRIME_BIN:+"$PRIME_BIN"} "$prime_own/prime" "$prime_own/prime-$prime_version" \
    "$prime_cache/bin/prime-$prime_version"; do
    [ "${PRIME_BIN:+${PROTOPRIMER_PROTO_CODE:-}}" != "$prime_self" ] || die 78 "error: \`PRIME_BIN\` is a launcher"
    ! usable "$prime_file" || become "$prime_file" "$@"
    [ -z "${PRIME_BIN:-}" ] || die 78 "error: \`PRIME_BIN\` is \`$PRIME_BIN\`, which is no program" "hint: unset it"
  done
}
on_path() ( # Prints the `prime` of this version. Another launcher, which might look for this one, stops at `PRIME_BIN`.
  IFS=: && set -f
  for dir in ${PATH:-}; do
    file=${dir:-.}/prime said=''
    ! usable "$file" || said=$(PRIME_BIN=- "$file" --version 2>/dev/null </dev/null)
    if [ "$said" = "prime $prime_version" ]; then printf '%s' "$file" && exit; fi
  done
)
fetch() { # URL FILE. No credentials of a URL appear in an argument list. The status 22 is an answer that is final.
  if command -v curl >/dev/null; then
    printf 'url = "%s"\n' "$1" | curl -fsSL --retry 2 --connect-timeout 10 -y 30 -H 'Accept: text/html' -K - -o "$2" \
      --netrc-optional ${NETRC:+--netrc-file "$NETRC"} ${ca:+--cacert "$ca"} ${pem:+--cert "$pem"}
  elif command -v wget >/dev/null && case $1 in *@*) false ;; esac; then
    gnu=$(wget --version 2>/dev/null) # The one of busybox does not know these options, and may crash.
    wget -q ${gnu:+-T 30 -t 1 ${ca:+"--ca-certificate=$ca"}} --header='Accept: text/html' -O "$2" "$1"
  else
    printf '%s' "$1" | ${ca:+env "SSL_CERT_FILE=$ca"} python3 -Ic 'import base64, sys, urllib.parse, urllib.request
url = urllib.parse.urlsplit(sys.stdin.read())
login, at, host = url.netloc.rpartition("@")
ask = urllib.request.Request(url._replace(netloc=host).geturl(), headers={"Accept": "text/html"})
login = "Basic " + base64.b64encode(urllib.parse.unquote(login).encode()).decode()
at and ask.add_unredirected_header("Authorization", login)
open(sys.argv[1], "wb").write(urllib.request.urlopen(ask, timeout=30).read())' "$2"
  fi
}
get() { # URL FILE WHAT
  for pause in 1 2 4 0; do
    fetch "$1" "$2" 2>"$new/said" && return
    case $?-$pause in 22-* | 127-* | *-0) break ;; *) sleep $pause ;; esac
  done
  { echo >"$new/room"; } 2>/dev/null || die 74 "error: there is no room for $3 in \`$bin\`" "$hint"
  [ ! -s "$2" ] || die 65 "error: only a part of $3 came" "  cause: $(tail -n 1 "$new/said")" "hint: try again"
  die 69 "error: cannot fetch $3" "  cause: $(tail -n 1 "$new/said")" "$hint"
}
find_index() { # As the binary does: ours, uv's, pip's, the one above. Of files, only a line with `index-url`.
  conf=${XDG_CONFIG_HOME:-${HOME:-}/.config} page=${PRIME_INDEX_URL:-${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-}}} none=''
  for file in "${UV_CONFIG_FILE:-$conf/uv/uv.toml}" /etc/uv/uv.toml - "${PIP_CONFIG_FILE:--}" "$conf/pip/pip.conf" \
    "${HOME:-}/.pip/pip.conf" /etc/pip.conf /etc/xdg/pip/pip.conf; do
    if [ -n "$page" ] || [ "$file" = "$none" ]; then break; fi
    [ "$file" != - ] || { page=${PIP_INDEX_URL:-} none=/dev/null; }
    [ ! -f "$file" ] || page=$(sed -n "s/^ *index[-_]url *[=:] *[\"']*\([^\"' ]*\).*/\1/p" "$file" | tail -n 1)
  done
  case ${page%%://*} in *=*) page=${page#*=} ;; esac
  [ -n "${page:=$prime_index}" ] || die 78 "error: no package index is set" "$hint"
  page=${page%/}/@PROJECT@/ host=${page#*://} host=${host%%/*}
  origin=${page%%://*}://$host bare=${page%%://*}://${host##*@} shown="\`$bare${page#"$origin"}\`"
}
find_wheel() { # Sets the URL of the wheel, as the page has it. Of several links the one with the digest, else the first.
  get "$page" "$new/page" "$shown"
  link=$(tr -c 'A-Za-z0-9#%&+./:;=?@_~-' '\n' <"$new/page" | sed -n "s/&amp;/\&/g; \|^\([^#]*/\)*$wheel\([?#].*\)*\$|{/#sha256=$digest/{s/#.*//p;q;}; s/#.*//; H;}; \${x; s/^\n//; s/\n.*//; p;}")
  while case $link in ../*) ;; *) false ;; esac; do link=${link#../} page=${page%/*/}/; done
  case $link in
  '') die 69 "error: $shown has no \`$wheel\`" "$hint" ;;
  "$bare"/*) url=$origin${link#"$bare"} ;;
  *://*) url=$link ;;
  /*) url=$origin$link ;;
  *) url=$page$link ;;
  esac
}
digest() { { sha256sum || shasum -a 256 || openssl dgst -sha256 -r || python3 -I -c 'import hashlib, sys
print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())' || echo nothing that could tell; } 2>/dev/null; }
unpack() { # The binary is the first member of the wheel and not compressed: its header tells where it is.
  # shellcheck disable=SC2046
  set -- $(od -An -tu1 -j18 -N12 "$new/wheel")
  tail -c "+$((31 + $9 + ${10} * 256 + ${11} + ${12} * 256))" "$new/wheel" |
    head -c "$(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216))" >"$new/prime"
  chmod 755 "$new/prime" && "$new/prime" --version >/dev/null
}
install() ( # In a shell of its own: no variable of it is left to the program.
  quiet='' wheel='' digest='' os=$(uname -s) machine=$(uname -m) node=$(uname -n) bin='' turns=0 offline=${UV_OFFLINE:-}
  hint="hint: name an index in \`PRIME_INDEX_URL\`, a cache in \`PRIME_CACHE_DIR\`, or a binary in \`PRIME_BIN\`"
  rest=${ALL_PROXY:-${all_proxy:-${PIP_PROXY:-}}} pem=${SSL_CLIENT_CERT:-${PIP_CLIENT_CERT:-}}
  export http_proxy="${http_proxy:-${HTTP_PROXY:-$rest}}" https_proxy="${https_proxy:-${HTTPS_PROXY:-$rest}}"
  export no_proxy="${no_proxy:-${NO_PROXY:-}}" LC_ALL=C
  ca=${SSL_CERT_FILE:-${PIP_CERT:-${REQUESTS_CA_BUNDLE:-${CURL_CA_BUNDLE:-}}}}
  for arg; do case $arg in -q | --quiet) quiet=1 ;; --offline) offline=1 ;; -- | run | start) break ;; -*) ;; *) [ ! -f "$arg" ] || break ;; esac; done
  case $offline in 1 | [TtYy]* | [Oo][Nn]) die 69 "error: offline, and prime $prime_version is not here yet" ;; esac
  case $os in Linux) os=linux ;; Darwin) os=macosx ;; esac
  case $os-$machine in linux-arm64) machine=aarch64 ;; *-amd64) machine=x86_64 ;; *-i?86) machine=i686 ;; esac
  for wheel in $prime_pins; do
    case $wheel in *"$os"*_"$machine".* | *"$os"*_universal2.*) break ;; *.whl) wheel='' ;; *) digest=$wheel ;; esac
  done
  [ -n "$wheel" ] || die 69 "error: prime $prime_version is pinned for no platform such as this one, $os $machine" \
    "  cause: in \`$prime_self\` there are:${prime_pins:- none}" "$hint"
  find_index
  for dir in "$prime_cache/bin" "$prime_own"; do
    [ -n "$bin" ] || { (umask go-w && mkdir -p "$dir") 2>/dev/null && [ -w "$dir" ] && bin=$dir; }
  done
  target=${bin:-$dir}/prime-$prime_version lock=$bin/.lock-$prime_version new=''
  if [ -z "$bin" ] || [ -d "$target" ]; then die 73 "error: cannot write \`$target\`" "$hint"; fi
  # One fetches and the others wait, but for nobody who has died, and no longer than five minutes for anybody.
  until ln -s "$$@$node" "$lock" 2>/dev/null || [ $turns -gt 1500 ]; do
    ! usable "$target" || exit 0
    holder=$(readlink "$lock") || turns=$((turns + 100))
    case ${holder:-} in *"@$node") alive "${holder%%@*}" || rm -f "$lock" ;; esac
    turns=$((turns + 1)) && { sleep 0.2 2>/dev/null || sleep 1; }
  done
  trap 'rm -rf "$new"; [ "$(readlink "$lock")" != "$$@$node" ] || rm -f "$lock"' EXIT
  trap 'exit 129' HUP && trap 'exit 130' INT && trap 'exit 143' TERM
  for left in "$bin/.new-$node"-*; do alive "${left##*-}" || rm -rf "$left"; done
  ! usable "$target" || exit 0
  new=$bin/.new-$node-$$; mkdir -p "$new" || die 73 "error: cannot write \`$new\`" "$hint"
  find_wheel && get "$url" "$new/wheel" "\`$wheel\`" && found=$(digest <"$new/wheel")
  [ "${found%% *}" = "$digest" ] || die 65 "error: sha256 of \`$wheel\` differs: expected $digest, found ${found%% *}" \
    "  cause: $shown has another file than this launcher names" "$hint"
  unpack || die 126 "error: \`$wheel\` has nothing that runs in \`$bin\`" "$hint"
  mv -f "$new/prime" "$target" || die 73 "error: cannot write \`$target\`" "$hint"
  [ -n "$quiet" ] || printf 'obtain   prime %s (%s)\n' "$prime_version" "$bare" >&2
)
case $0 in /*) prime_self=$0 ;; */*) prime_self=$PWD/${0#./} ;; *) prime_self=$PWD/$0 ;; esac
[ -f "$prime_self" ] || prime_self=$(command -v "$0")
while [ -L "$prime_self" ]; do
  prime_link=$(readlink "$prime_self") || break
  case $prime_link in /*) prime_self=$prime_link ;; *) prime_self=${prime_self%/*}/$prime_link ;; esac
done
prime_own=${prime_self%/*}/.prime/bin prime_cache=${PRIME_CACHE_DIR:-${XDG_CACHE_HOME:+$XDG_CACHE_HOME/prime}}
if [ -z "$prime_cache" ] && [ -d "${HOME:-}" ]; then prime_cache=$HOME/.cache/prime; fi
case $prime_cache in '') prime_cache=${prime_own%/bin} ;; /*) ;; *) prime_cache=$PWD/$prime_cache ;; esac
case ${PRIME_BIN:-/} in /*) ;; *) PRIME_BIN=$PWD/$PRIME_BIN ;; esac
start "$@"
prime_file=$(on_path)
[ -z "$prime_file" ] || become "$prime_file" "$@"
install "$@" && start "$@" && die 74 "error: what was fetched is gone from \`$prime_cache/bin\`"
