# Builds, installs, queries and removes a package with a maintainer script.
set -e
cd /tmp
mkdir -p package/DEBIAN package/opt/hello
cat >package/DEBIAN/control <<'C'
Package: hello-jvisor
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: a test
C
printf '#!/bin/sh\necho "configure $1"\n' >package/DEBIAN/postinst
chmod 755 package/DEBIAN/postinst
echo data >package/opt/hello/data
dpkg-deb --build package hello.deb
dpkg -i hello.deb | grep -v Reading
dpkg -s hello-jvisor | head -n 3
dpkg -L hello-jvisor
cat /opt/hello/data
dpkg -V hello-jvisor && echo verified
dpkg -r hello-jvisor | grep -v Reading
ls -d /opt/hello
dpkg -l bash | tail -n 1 | awk '{print $1, $2}'
