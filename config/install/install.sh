#!/bin/sh
# Installs this checkout for real use on Debian 12, or brings an installation to it; safe to run again.
# Called by ./run install, which has put the Debian packages there.
set -eu
umask 022

OPT=/opt/xinyong ETC=/etc/xinyong VAR=/var/lib/xinyong LOG=/var/log/xinyong BACKUPS=/var/backups/xinyong
here=$(cd "$(dirname "$0")/../.." && pwd)
parts=$here/config/install
host=localhost database=sqlite city=$here/config certificate='' key='' admin=admin admin_name=管理员 port=8000

usage() {
  cat >&2 <<'TEXT'
用法：./run install [--host 域名] [--database sqlite|postgresql] [--city 文件夹]
                    [--certificate 证书 --key 私钥] [--admin 账户 --admin-name 姓名] [--port 端口]
  --host         网站的域名，没有就写 localhost
  --database     sqlite（默认，一市够用）或者 postgresql（装在本机）
  --city         本市的设置，第一次安装时复制到 /etc/xinyong/city；默认是宁波市的
  --certificate  网站证书和它的私钥（--key）；不写就先自签一张，浏览器会提示不可信
  --admin        第一名管理员的账户，默认 admin
  --port         程序在本机监听的端口，默认 8000
TEXT
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --host) host=$2 ;; --database) database=$2 ;; --city) city=$2 ;; --port) port=$2 ;;
    --certificate) certificate=$2 ;; --key) key=$2 ;; --admin) admin=$2 ;; --admin-name) admin_name=$2 ;;
    *) usage ;;
  esac
  shift 2
done
case $database in sqlite | postgresql) ;; *) usage ;; esac
case $host in *[!A-Za-z0-9.-]* | '') echo "错误：域名“$host”不能用。请只写字母、数字、点和连字符。" >&2; exit 2 ;; esac
case $port in *[!0-9]* | '') echo "错误：端口“$port”不是数字。" >&2; exit 2 ;; esac
[ "$(id -u)" = 0 ] || { echo "错误：安装要用 root。请执行 sudo ./run install。" >&2; exit 2; }
[ -f "$city/city.toml" ] || { echo "错误：$city 里没有 city.toml。请用 --city 指明本市的设置。" >&2; exit 2; }
if [ -n "$certificate$key" ]; then
  for file in "$certificate" "$key"; do
    [ -r "$file" ] || { echo "错误：读不出“$file”。--certificate 和 --key 要一起写明。" >&2; exit 2; }
  done
fi
systemd() { [ -d /run/systemd/system ]; }
say() { echo "· $*"; }

# A part with its marks filled in, written only where it differs.
put() {
  sed -e "s|@HOST@|$host|g" -e "s|@PORT@|$port|g" -e "s|@CERTIFICATE@|$certificate|g" -e "s|@KEY@|$key|g" \
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
  # The front server reads the editions, and nothing else of the data.
  install -d -m 0750 -o xinyong -g www-data "$VAR"
  install -d -m 2750 -o xinyong -g www-data "$VAR/editions"
  install -d -m 0700 -o xinyong -g xinyong "$VAR/keys"
  install -d -m 0700 -o xinyong -g xinyong "$BACKUPS"
  # nginx opens its logs anew as www-data, which may pass through but not look around.
  install -d -m 0751 -o xinyong -g adm "$LOG"
  for file in access error; do
    [ -e "$LOG/$file.log" ] || install -m 0640 -o www-data -g adm /dev/null "$LOG/$file.log"
  done
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
  if [ ! -e "$ETC/city/city.toml" ]; then
    install -d -m 0750 -o root -g xinyong "$ETC/city"
    for part in city.toml policy holidays imports checklists; do
      [ ! -e "$city/$part" ] || cp -R "$city/$part" "$ETC/city/"
    done
    [ "$host" = localhost ] || sed -i "s|^site = \"\"|site = \"https://$host/\"|" "$ETC/city/city.toml"
  fi
  # A year's days off that came with a newer program; what the bureau wrote itself is never touched.
  for year in "$here"/config/holidays/*.toml; do
    [ -e "$ETC/city/holidays/${year##*/}" ] || [ ! -d "$ETC/city/holidays" ] || cp "$year" "$ETC/city/holidays/"
  done
  chown -R root:xinyong "$ETC/city" && chmod -R g+rX,o-rwx "$ETC/city"
  tls
  if [ ! -e "$ETC/environment" ]; then
    { echo "# 程序的设置，见 README 的 Settings；密码和密钥也写在这里。"
      echo "XINYONG_CITY=$ETC/city"
      echo "XINYONG_DATA=$VAR"
      echo "XINYONG_CERTIFICATE=$certificate"
      echo "FORWARDED_ALLOW_IPS=127.0.0.1"
      [ "$database" = sqlite ] ||
        echo "XINYONG_DATABASE='postgresql+psycopg://xinyong@/xinyong?host=/var/run/postgresql'"
    } >"$ETC/environment"
  fi
  chown root:xinyong "$ETC/environment" && chmod 0640 "$ETC/environment"
}

# The certificate of the site: the one that is named, the one of before, or one signed by itself.
tls() {
  if [ -n "$certificate" ]; then
    install -m 0644 "$certificate" "$ETC/tls/site.crt"
    install -m 0600 "$key" "$ETC/tls/site.key"
  elif [ ! -e "$ETC/tls/site.crt" ]; then
    say "自签一张网站证书；请尽快换上正式的：./run install --certificate 证书 --key 私钥"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=$host" \
      -addext "subjectAltName=DNS:$host" -keyout "$ETC/tls/site.key" -out "$ETC/tls/site.crt" 2>/dev/null
    chmod 0600 "$ETC/tls/site.key"
  fi
  certificate=$ETC/tls/site.crt key=$ETC/tls/site.key
  chmod 0644 "$certificate"
}

postgresql() {
  grep -q '^XINYONG_DATABASE=.*postgresql' "$ETC/environment" || return 0
  systemd && systemctl start postgresql
  runuser -u postgres -- psql -qAtc 'SELECT 1' >/dev/null 2>&1 ||
    pg_lsclusters -h | while read -r version cluster _; do pg_ctlcluster "$version" "$cluster" start; done
  runuser -u postgres -- psql -qAtc "SELECT 1 FROM pg_roles WHERE rolname = 'xinyong'" | grep -q 1 ||
    runuser -u postgres -- createuser xinyong
  runuser -u postgres -- psql -qAtc "SELECT 1 FROM pg_database WHERE datname = 'xinyong'" | grep -q 1 ||
    runuser -u postgres -- createdb --owner xinyong --encoding UTF8 --template template0 xinyong
}

# The database first, by the new program while the old one still serves; then the switch, in one step.
switch() {
  put xinyong "$OPT/xinyong.new" 0755
  sed -i "s|$OPT/current|$folder|g" "$OPT/xinyong.new"
  "$OPT/xinyong.new" migrate
  rm "$OPT/xinyong.new"
  ln -sfn "$folder" "$OPT/current.new" && mv -T "$OPT/current.new" "$OPT/current"
  put xinyong /usr/local/bin/xinyong 0755
  # The release before stays, to go back to; older ones go.
  find "$OPT/releases" -mindepth 1 -maxdepth 1 -type d ! -name "$release" -printf '%T@ %p\n' | sort -rn |
    tail -n +2 | cut -d' ' -f2- | while read -r old; do rm -rf "$old"; done
}

service() {
  install -d /etc/systemd/system
  put xinyong.service /etc/systemd/system/xinyong.service 0644
  put xinyong.socket /etc/systemd/system/xinyong.socket 0644
  put logrotate /etc/logrotate.d/xinyong 0644
  put nginx.conf /etc/nginx/sites-available/xinyong 0644
  ln -sfn /etc/nginx/sites-available/xinyong /etc/nginx/sites-enabled/xinyong
  rm -f /etc/nginx/sites-enabled/default
  nginx -tq
  if systemd; then
    systemctl daemon-reload
    systemctl enable -q --now xinyong.socket nginx
    systemctl enable -q xinyong.service
    systemctl restart xinyong.service  # the socket stays open: visitors wait, nobody is turned away
    systemctl reload nginx
  elif [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; then
    nginx -s reload
  fi
}

administrator() {
  if ! xinyong user list | cut -f3 | grep -qx administrator; then
    xinyong user invite "$admin" --name "$admin_name" --role administrator
  fi
}

user
program
settings
postgresql
switch
service
administrator
say "程序 $OPT/current，设置 $ETC，数据 $VAR，日志 $LOG"
say "检查：xinyong doctor；手册：https://$host/help/administrator/"
if systemd; then say "网站已打开：https://$host/"
else
  say "这里没有运行 systemd，单元已写好。可以这样启动："
  echo "    setsid xinyong serve --port $port --log $LOG/serve.log >/dev/null 2>&1 & nginx"
fi
