#!/bin/sh
# Takes the program away and leaves what is the bureau's: data, settings, keys, logs, database, user.
set -eu
[ "$(id -u)" = 0 ] || { echo "错误：卸载要用 root。请执行 sudo ./run uninstall。" >&2; exit 2; }
if [ -d /run/systemd/system ]; then
  systemctl disable -q --now xinyong.service xinyong.socket 2>/dev/null || true
fi
rm -f /etc/systemd/system/xinyong.service /etc/systemd/system/xinyong.socket /etc/logrotate.d/xinyong \
  /etc/nginx/sites-enabled/xinyong /etc/nginx/sites-available/xinyong /usr/local/bin/xinyong
if [ -d /run/systemd/system ]; then systemctl daemon-reload; systemctl reload nginx 2>/dev/null || true
elif [ -s /run/nginx.pid ]; then nginx -s reload || true
fi
rm -rf /opt/xinyong
echo "程序已卸载。数据 /var/lib/xinyong、设置 /etc/xinyong、日志 /var/log/xinyong、数据库和用户 xinyong 都留着；"
echo "再执行 ./run install 就能接着用（只有一个市的，写上 --host 域名）。不再需要时，请先备份，再由您自己删除。"
