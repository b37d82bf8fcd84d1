#!/bin/sh
# Installs this checkout for real use on Debian 12, or brings an installation to it; safe to run again.
# Called by ./run install, which has put the Debian packages there.
set -eu
umask 022

OPT=/opt/xinyong ETC=/etc/xinyong VAR=/var/lib/xinyong LOG=/var/log/xinyong BACKUPS=/var/backups/xinyong
here=$(cd "$(dirname "$0")/../.." && pwd)
parts=$here/config/install
host='' database=sqlite city=$here/config cities='' certificate='' key='' admin=admin admin_name=管理员 port=''

usage() {
  cat >&2 <<'TEXT'
用法：./run install [--host 域名] [--database sqlite|postgresql] [--city 文件夹]
                    [--cities 文件夹] [--certificate 证书 --key 私钥] [--admin 账户 --admin-name 姓名] [--port 端口]
  --host         网站的域名，没有就写 localhost；再执行时不写，就是上次的
  --database     sqlite（默认，一市够用）或者 postgresql（装在本机）
  --city         本市的设置，第一次安装时复制到 /etc/xinyong/city；默认是宁波市的
  --cities       几个市装在一起：含有 cities.toml 和各市设置的文件夹，第一次安装时复制到
                 /etc/xinyong/cities；域名写在 cities.toml 里，不用 --host 和 --city；各市的数据库也写在
                 里面，要装在本机的再加 --database postgresql
  --certificate  网站证书和它的私钥（--key），要写着各市的域名；不写就先自签一张，浏览器会提示不可信
  --admin        第一名管理员的账户，默认 admin
  --port         程序在本机监听的端口，默认 8000；再执行时不写，就是上次的
TEXT
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --host) host=$2 ;; --database) database=$2 ;; --city) city=$2 ;; --port) port=$2 ;; --cities) cities=$2 ;;
    --certificate) certificate=$2 ;; --key) key=$2 ;; --admin) admin=$2 ;; --admin-name) admin_name=$2 ;;
    *) usage ;;
  esac
  shift 2
done
case $database in sqlite | postgresql) ;; *) usage ;; esac
# What is not said is as it was installed before.
said_before() { [ ! -e "$1" ] || sed -n "s/^$2\([^ ;]*\).*/\1/p" "$1" | head -n 1; }
host=${host:-$(said_before /etc/nginx/sites-available/xinyong '[[:space:]]*server_name ')}
port=${port:-$(said_before /etc/systemd/system/xinyong.socket 'ListenStream=127\.0\.0\.1:')}
host=${host:-localhost} port=${port:-8000}
case $host in *[!A-Za-z0-9.-]* | '') echo "错误：域名“$host”不能用。请只写字母、数字、点和连字符。" >&2; exit 2 ;; esac
case $port in *[!0-9]* | '') echo "错误：端口“$port”不是数字。" >&2; exit 2 ;; esac
[ -z "$cities" ] || [ -f "$cities/cities.toml" ] ||
  { echo "错误：$cities 里没有 cities.toml。请用 --cities 指明各市的设置。" >&2; exit 2; }
if [ -n "$cities" ] && [ -e "$ETC/environment" ] && ! grep -q '^XINYONG_CITIES=' "$ETC/environment"; then
  echo "错误：这里已经装了一个市。请把它的设置和数据文件夹写进 cities.toml 的一节，再把 $ETC/environment 里的" >&2
  echo "XINYONG_CITY、XINYONG_DATA、XINYONG_DATABASE 三行换成 XINYONG_CITIES=$ETC/cities/cities.toml，然后再执行一次。" >&2
  exit 2
fi
# Of several cities the file names the server of each; one on this machine is installed with them.
SOCKET='postgresql+psycopg://xinyong@/xinyong?host=/var/run/postgresql'
listed=$ETC/cities/cities.toml
[ -e "$listed" ] || listed=$cities/cities.toml
on_this_machine() { grep -v '^ *#' "$listed" 2>/dev/null | grep -q 'host=/var/run/postgresql'; }
if [ -n "$cities" ] && [ "$database" = postgresql ] && ! on_this_machine; then
  echo "错误：--database postgresql 要把数据库装在本机，$listed 里却没有一个市用它。请在里面写" >&2
  echo '  [servers]' >&2
  echo "  local = \"$SOCKET\"" >&2
  echo '并在各市那一节写 server = "local"，再执行一次；用别处的数据库，或者用 SQLite，就不写 --database。' >&2
  exit 2
fi
if on_this_machine && ! command -v psql >/dev/null; then
  echo "错误：$listed 用本机的 PostgreSQL，这里却没有装。请加上 --database postgresql 再执行一次。" >&2
  exit 2
fi
[ -f "$city/city.toml" ] || { echo "错误：$city 里没有 city.toml。请用 --city 指明本市的设置。" >&2; exit 2; }
if [ -n "$certificate$key" ]; then
  for file in "$certificate" "$key"; do
    [ -r "$file" ] || { echo "错误：读不出“$file”。--certificate 和 --key 要一起写明。" >&2; exit 2; }
  done
fi
[ "$(id -u)" = 0 ] || { echo "错误：安装要用 root。请执行 sudo ./run install。" >&2; exit 2; }
systemd() { [ -d /run/systemd/system ]; }
say() { echo "· $*"; }

# A part with its marks filled in, written only where it differs.
put() {
  sed -e "s|@HOST@|$host|g" -e "s|@HOSTS@|$hosts|g" -e "s|@FOLDERS@|$folders|g" -e "s|@PORT@|$port|g" -e "s|@CERTIFICATE@|$certificate|g" -e "s|@KEY@|$key|g" \
    "$parts/$1" >"$2.new"
  [ -e /proc/net/if_inet6 ] || sed -i '/listen \[::\]/d' "$2.new"
  chmod "$3" "$2.new"
  mv "$2.new" "$2"
}

user() {
  id xinyong >/dev/null 2>&1 ||
    useradd --system --user-group --home-dir "$VAR" --no-create-home --shell /usr/sbin/nologin xinyong
  install -d -m 0755 "$OPT" "$OPT/releases"
  install -d -m 0750 -o root -g xinyong "$ETC" "$ETC/tls"
  install -d -m 0750 -o xinyong -g www-data "$VAR"
  install -d -m 0700 -o xinyong -g xinyong "$BACKUPS"
  # nginx opens its logs anew as www-data, which may pass through but not look around.
  install -d -m 0751 -o xinyong -g adm "$LOG"
  for file in access error; do
    [ -e "$LOG/$file.log" ] || install -m 0640 -o www-data -g adm /dev/null "$LOG/$file.log"
  done
}

# Where a city's data lies: the front server reads the editions, and nothing else of it.
data_of() {
  install -d -m 0750 -o xinyong -g www-data "$1"
  install -d -m 2750 -o xinyong -g www-data "$1/editions"
  install -d -m 0700 -o xinyong -g xinyong "$1/keys"
}

# The program in a folder named after its content; what is there already is kept as it is.
program() {
  files=$(cd "$here" && find . -type f ! -path './.git*' ! -path './.venv/*' ! -path './node_modules/*' \
    ! -path './var/*' ! -path './tests/*' ! -path '*/__pycache__/*' ! -path './.*_cache/*' ! -path './.hypothesis/*' |
    LC_ALL=C sort)
  release=$(cd "$here" && echo "$files" | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c1-12)
  folder=$OPT/releases/$release
  if [ ! -e "$folder/.installed" ]; then
    say "装入程序 $release"
    rm -rf "$folder" && install -d -m 0755 "$folder"
    (cd "$here" && echo "$files" | tar -cf - --no-recursion -T -) | tar -xf - -C "$folder" --no-same-owner
    (cd "$folder" && ./run --help >/dev/null)
    "$folder/.venv/bin/python" -m compileall -q "$folder/config" "$folder/publisher" "$folder/registry" "$folder/scoring"
    touch "$folder/.installed"
  fi
}

settings() {
  if several; then several_cities; else one_city; fi
  tls
  if [ ! -e "$ETC/environment" ]; then
    { echo "# 程序的设置，见 README 的 Settings；密码和密钥也写在这里。"
      if several; then echo "XINYONG_CITIES=$ETC/cities/cities.toml"
      else
        echo "XINYONG_CITY=$ETC/city"
        echo "XINYONG_DATA=$VAR"
        [ "$database" = sqlite ] ||
          echo "XINYONG_DATABASE='$SOCKET'"
      fi
      echo "XINYONG_CERTIFICATE=$certificate"
      echo "FORWARDED_ALLOW_IPS=127.0.0.1"
    } >"$ETC/environment"
  fi
  chown root:xinyong "$ETC/environment" && chmod 0640 "$ETC/environment"
}

several() { [ -n "$cities" ] || grep -q '^XINYONG_CITIES=' "$ETC/environment" 2>/dev/null; }

# What `xinyong cities --hosts` says: host, folder of the data, number of the city and its own folder, a line each.
hosts_said() {
  set -a
  [ ! -e "$ETC/environment" ] || . "$ETC/environment"
  XINYONG_CITIES=${XINYONG_CITIES:-$ETC/cities/cities.toml} PYTHONPATH=$folder
  set +a
  "$folder/.venv/bin/python" -P -m config cities --hosts
}

several_cities() {
  [ -e "$ETC/cities/cities.toml" ] || { install -d -m 0750 -o root -g xinyong "$ETC/cities"; cp -R "$cities/." "$ETC/cities/"; }
  chown -R root:xinyong "$ETC/cities" && chmod -R g+rX,o-rwx "$ETC/cities"
  # Passwords are for the program alone, which refuses to read them otherwise.
  find "$ETC" -name '*.env' -exec chown xinyong:xinyong {} + -exec chmod 0600 {} +
  said=$(hosts_said) || exit 2  # in a shell of its own, which alone knows the environment
  hosts=$(echo "$said" | cut -f1 | tr '\n' ' ' | sed 's/ *$//')
  host=${hosts%% *}
  folders='default /nonexistent;'
  while IFS="$(printf '\t')" read -r name data id own; do
    [ -n "$id" ] || continue
    case $data in
      "$VAR"/*) ;;
      *) echo "错误：cities.$id.data 的值“$data”不能用。服务只能写 $VAR，请写它下面的一个文件夹，如 $VAR/$id。" >&2; exit 2 ;;
    esac
    case $data in *[!A-Za-z0-9/._-]*) echo "错误：cities.$id.data 的值“$data”请只用字母、数字、/、. 和 -。" >&2; exit 2 ;; esac
    data_of "$data"
    case $own in "$ETC"/*) days_off "$own" ;; esac
    folders="$folders $name $data;"
  done <<LINES
$said
LINES
}

ids() { echo "$said" | cut -f3 | sed '/^$/d' | sort -u; }

one_city() {
  hosts=$host folders="default $VAR;"
  data_of "$VAR"
  if [ ! -e "$ETC/city/city.toml" ]; then
    install -d -m 0750 -o root -g xinyong "$ETC/city"
    for part in city.toml policy holidays imports checklists; do
      [ ! -e "$city/$part" ] || cp -R "$city/$part" "$ETC/city/"
    done
    [ "$host" = localhost ] || sed -i "s|^site = \"\"|site = \"https://$host/\"|" "$ETC/city/city.toml"
  fi
  days_off "$ETC/city"
}

# A year's days off that came with a newer program; what the bureau wrote itself is never touched.
days_off() {
  for year in "$here"/config/holidays/*.toml; do
    [ -e "$1/holidays/${year##*/}" ] || [ ! -d "$1/holidays" ] || cp "$year" "$1/holidays/"
  done
  chown -R root:xinyong "$1" && chmod -R g+rX,o-rwx "$1"
}

# The certificate of the site: the one that is named, the one of before, or one signed by itself.
tls() {
  if [ -n "$certificate" ]; then
    install -m 0644 "$certificate" "$ETC/tls/site.crt"
    install -m 0600 "$key" "$ETC/tls/site.key"
  elif [ ! -e "$ETC/tls/site.crt" ] || { made_here && [ -n "$(uncovered)" ]; }; then
    say "自签一张网站证书；请尽快换上正式的：./run install --certificate 证书 --key 私钥"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$host" \
      -addext "subjectAltName=DNS:$(echo "$hosts" | sed 's/ /,DNS:/g')" -keyout "$ETC/tls/site.key" -out "$ETC/tls/site.crt" 2>/dev/null
    chmod 0600 "$ETC/tls/site.key"
    sha256sum "$ETC/tls/site.crt" >"$ETC/tls/made-here"
  fi
  certificate=$ETC/tls/site.crt key=$ETC/tls/site.key
  chmod 0644 "$certificate"
  for one in $(uncovered); do
    echo "注意：证书 $certificate 里没有域名 $one，浏览器会拒绝打开。请换一张写着它的：./run install --certificate 证书 --key 私钥" >&2
  done
}

# Whether the certificate is the one that an installation signed, and nobody has put another there since.
made_here() {
  [ -e "$ETC/tls/made-here" ] && sha256sum --check --status "$ETC/tls/made-here"
}

# The hosts that the certificate does not name.
uncovered() {
  for name in $hosts; do
    openssl x509 -in "$ETC/tls/site.crt" -noout -checkhost "$name" | grep -q 'does match' || echo "$name"
  done
}

# In a folder that every user may enter.
as_postgres() { (cd / && exec runuser -u postgres -- "$@"); }

postgresql() {
  if several; then on_this_machine || return 0
  else grep -q '^XINYONG_DATABASE=.*postgresql' "$ETC/environment" || [ "$database" = postgresql ] || return 0
  fi
  systemd && systemctl start postgresql
  as_postgres psql -qAtc 'SELECT 1' >/dev/null 2>&1 ||
    pg_lsclusters -h | while read -r version cluster _; do pg_ctlcluster "$version" "$cluster" start; done
  as_postgres psql -qAtc "SELECT 1 FROM pg_roles WHERE rolname = 'xinyong'" | grep -q 1 ||
    as_postgres createuser xinyong
  as_postgres psql -qAtc "SELECT 1 FROM pg_database WHERE datname = 'xinyong'" | grep -q 1 ||
    as_postgres createdb --owner xinyong --encoding UTF8 --template template0 xinyong
}

# The database first, by the new program while the old one still serves; then the switch, in one step.
switch() {
  put xinyong "$OPT/xinyong.new" 0755
  sed -i "s|$OPT/current|$folder|g" "$OPT/xinyong.new"
  if several; then
    for one in $(ids); do
      "$OPT/xinyong.new" --city "$one" migrate || {
        echo "错误：$one 的登记册没有升到这一版，程序没有换，原来的照常服务。请照上面说的改；数据库用户分成两个的市，请执行" >&2
        echo "  $OPT/xinyong.new --city $one migrate --as 所有者 --grant 程序的用户" >&2
        echo "然后再执行一次 ./run install。" >&2
        exit 2
      }
    done
  else "$OPT/xinyong.new" migrate
  fi
  rm "$OPT/xinyong.new"
  ln -sfn "$folder" "$OPT/current.new" && mv -T "$OPT/current.new" "$OPT/current"
  put xinyong /usr/local/bin/xinyong 0755
  # The release before stays, to go back to; older ones go.
  find "$OPT/releases" -mindepth 1 -maxdepth 1 -type d ! -name "$release" -printf '%T@ %p\n' | sort -rn |
    tail -n +2 | cut -d' ' -f2- | while read -r old; do rm -rf "$old"; done
}

service() {
  install -d /etc/systemd/system
  was=$(said_before /etc/systemd/system/xinyong.socket 'ListenStream=127\.0\.0\.1:')
  put xinyong.service /etc/systemd/system/xinyong.service 0644
  put xinyong.socket /etc/systemd/system/xinyong.socket 0644
  put logrotate /etc/logrotate.d/xinyong 0644
  put nginx.conf /etc/nginx/sites-available/xinyong 0644
  ln -sfn /etc/nginx/sites-available/xinyong /etc/nginx/sites-enabled/xinyong
  rm -f /etc/nginx/sites-enabled/default
  nginx -tq
  if systemd; then
    systemctl daemon-reload
    # A socket that is open stays where it is, and cannot be opened elsewhere while its service runs.
    [ "${was:-$port}" = "$port" ] || systemctl stop xinyong.service xinyong.socket
    systemctl enable -q --now xinyong.socket nginx
    systemctl enable -q xinyong.service
    systemctl restart xinyong.service  # the socket stays open: visitors wait, nobody is turned away
    systemctl reload nginx
  elif [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; then
    nginx -s reload
  fi
}

administrator() {
  if ! xinyong "$@" user list | cut -f3 | grep -qx administrator; then
    [ $# = 0 ] || say "$2 的第一名管理员："
    xinyong "$@" user invite "$admin" --name "$admin_name" --role administrator
  fi
}

user
program
settings
postgresql
switch
service
if several; then for one in $(ids); do administrator --city "$one"; done
else administrator
fi
say "程序 $OPT/current，设置 $ETC，数据 $VAR，日志 $LOG"
say "检查：sudo xinyong$(several && echo " --city 编号") doctor；手册：https://$host/help/administrator/"
if systemd; then say "网站已打开：https://$host/"
else
  say "这里没有运行 systemd，单元已写好。可以这样启动："
  echo "    setsid xinyong serve --port $port --log $LOG/serve.log >/dev/null 2>&1 & nginx"
fi
