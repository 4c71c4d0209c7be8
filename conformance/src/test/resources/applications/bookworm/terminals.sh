# SPDX-License-Identifier: Apache-2.0
# Pseudo-terminals: script(1), stty, Python's pty, packet mode, job control, hang-up.
set -u
cd /tmp
script -qec 'tty; stty size; stty -a; stty rows 40 columns 132; stty size; test -t 0 && echo a terminal' /dev/null
script -qec 'exit 5' /dev/null; echo "status $?"
ls /dev/pts
stat -c '%n %a %u %g %F %t:%T %h' /dev/ptmx /dev/pts/ptmx
stat -f -c '%T' /dev/pts
grep -o "gid=5,.*" /proc/mounts
grep n_tty /proc/tty/ldiscs
grep pty /proc/tty/drivers
cat /proc/sys/kernel/pty/max /proc/sys/kernel/pty/reserve /proc/sys/kernel/pty/nr
tty; echo "$?"
cat > pty.py <<'P'
import errno, fcntl, os, select, struct, termios, tty

def number(fd, call):
    return struct.unpack('i', fcntl.ioctl(fd, call, b'\0' * 4))[0]

def attempt(name, do):
    try:
        print(name, do())
    except OSError as e:
        print(name, errno.errorcode[e.errno])

def events(fd):
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLOUT | select.POLLPRI)
    return [hex(e & 0x1f) for _, e in poll.poll(0)]

GPTN, SPTLCK, GPTLCK, GPTPEER, PKT, GPKT, SIG, GSID = (
    0x80045430, 0x40045431, 0x80045439, 0x5441, 0x5420, 0x80045438, 0x40045436, 0x5429)
master = os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY)
print('number', number(master, GPTN), 'locked', number(master, GPTLCK))
name = '/dev/pts/%d' % number(master, GPTN)
attempt('locked', lambda: os.open(name, os.O_RDWR | os.O_NOCTTY))
attempt('peer locked', lambda: fcntl.ioctl(master, GPTPEER, os.O_RDWR | os.O_NOCTTY))
fcntl.ioctl(master, SPTLCK, struct.pack('i', 0))
slave = fcntl.ioctl(master, GPTPEER, os.O_RDWR | os.O_NOCTTY)
print(os.ttyname(slave), os.readlink('/proc/self/fd/%d' % slave), oct(os.fstat(slave).st_mode))
os.fchmod(slave, 0o600)
os.fchown(slave, 7, 8)
st = os.stat(name)
print(oct(st.st_mode), st.st_uid, st.st_gid, os.major(st.st_rdev), os.minor(st.st_rdev))
second = os.open('/dev/ptmx', os.O_RDWR | os.O_NOCTTY)
print(sorted(os.listdir('/dev/pts')))
os.close(second)
print(sorted(os.listdir('/dev/pts')))

fcntl.ioctl(master, PKT, struct.pack('i', 1))
print('packet', number(master, GPKT))
os.write(slave, b'shown\n')
print(os.read(master, 100))
termios.tcflush(slave, termios.TCIOFLUSH)
print(events(master), os.read(master, 100))
settings = termios.tcgetattr(slave)
settings[0] &= ~termios.IXON
termios.tcsetattr(slave, termios.TCSANOW, settings)
print(os.read(master, 100))
fcntl.ioctl(master, PKT, struct.pack('i', 0))
for call in 0x5499, SIG, termios.TIOCGPGRP, GSID, termios.TIOCMGET, termios.TIOCGETD:
    attempt(hex(call) + ' slave', lambda: fcntl.ioctl(slave, call, b'\0' * 4))
    attempt(hex(call) + ' master', lambda: fcntl.ioctl(master, call, b'\0' * 4))

tty.setraw(slave)
for minimum, time_, typed in (3, 0, b'abc'), (0, 0, b''), (0, 1, b''), (2, 1, b'x'), (0, 5, b'now'):
    settings = termios.tcgetattr(slave)
    settings[6][termios.VMIN] = minimum
    settings[6][termios.VTIME] = time_
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    os.write(master, typed)
    while number(slave, termios.FIONREAD) < len(typed):
        pass
    print(minimum, time_, os.read(slave, 100))

os.set_blocking(slave, False)
attempt('empty', lambda: os.read(slave, 1))
os.close(slave)
attempt('slave closed', lambda: os.read(master, 100))
slave = os.open(name, os.O_RDWR | os.O_NOCTTY)
print(events(master))

os.close(master)
attempt('hung up', lambda: os.read(slave, 10))
attempt('hung up', lambda: os.write(slave, b'x'))
attempt('hung up', lambda: fcntl.ioctl(slave, termios.TCGETS, b'\0' * 36))
print(os.readlink('/proc/self/fd/%d' % slave), os.fstat(slave).st_nlink)
print(sorted(os.listdir('/dev/pts')))
P
timeout 20 python3 pty.py
mkdir more
mount -t devpts -o newinstance,uid=5,gid=6,mode=640,ptmxmode=600,max=2 none more
grep /tmp/more /proc/mounts
python3 - <<'P'
import os
opened = []
try:
    while True:
        opened.append(os.open('/tmp/more/ptmx', os.O_RDWR | os.O_NOCTTY))
except OSError as e:
    print(len(opened), e.strerror, sorted(os.listdir('/tmp/more')))
s = os.stat('/tmp/more/0')
print(oct(s.st_mode), s.st_uid, s.st_gid, os.listdir('/dev/pts'))
P
mkdir box
mknod box/ptmx c 5 2
python3 -c 'import os; os.open("/tmp/box/ptmx", os.O_RDWR)' 2>&1 | tail -1
mkdir box/pts
mount -t devpts -o ptmxmode=666 none box/pts
python3 -c 'import os; print(os.open("/tmp/box/ptmx", os.O_RDWR), sorted(os.listdir("/tmp/box/pts")))'
umount box/pts
touch more/x; mkdir more/d; rm more/ptmx
umount more
