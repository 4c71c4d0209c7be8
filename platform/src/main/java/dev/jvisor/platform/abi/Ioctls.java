// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of ioctl(2), tty_ioctl(4), termios(3).
 *
 * <p>Source: {@code asm-generic/ioctls.h and asm-generic/termbits.h} of Linux, x86-64.
 */
public final class Ioctls {

    private Ioctls() {}

    public static final int B38400 = 15;

    public static final int BRKINT = 2;

    public static final int CBAUD = 0x100f;

    public static final int CLOCAL = 0x800;

    public static final int CREAD = 128;

    public static final int CS5 = 0;

    public static final int CS6 = 16;

    public static final int CS7 = 32;

    public static final int CS8 = 48;

    public static final int CSIZE = 48;

    public static final int ECHO = 8;

    public static final int ECHOCTL = 0x200;

    public static final int ECHOE = 16;

    public static final int ECHOK = 32;

    public static final int ECHOKE = 0x800;

    public static final int ECHONL = 64;

    public static final int ECHOPRT = 0x400;

    public static final int EXTPROC = 0x10000;

    public static final int FIOASYNC = 0x5452;

    public static final int FIOCLEX = 0x5451;

    public static final int FIONBIO = 0x5421;

    public static final int FIONCLEX = 0x5450;

    public static final int FIONREAD = 0x541b;

    public static final int FIOQSIZE = 0x5460;

    public static final int HUPCL = 0x400;

    public static final int IBSHIFT = 16;

    public static final int ICANON = 2;

    public static final int ICRNL = 0x100;

    public static final int IEXTEN = 0x8000;

    public static final int IGNBRK = 1;

    public static final int IGNCR = 128;

    public static final int IGNPAR = 4;

    public static final int IMAXBEL = 0x2000;

    public static final int INLCR = 64;

    public static final int INPCK = 16;

    public static final int ISIG = 1;

    public static final int ISTRIP = 32;

    public static final int IUCLC = 0x200;

    public static final int IUTF8 = 0x4000;

    public static final int IXANY = 0x800;

    public static final int IXOFF = 0x1000;

    public static final int IXON = 0x400;

    public static final int NCCS = 19;

    public static final int NOFLSH = 128;

    public static final int OCRNL = 8;

    public static final int OLCUC = 2;

    public static final int ONLCR = 4;

    public static final int ONLRET = 32;

    public static final int ONOCR = 16;

    public static final int OPOST = 1;

    public static final int PARENB = 0x100;

    public static final int PARMRK = 8;

    public static final int TAB0 = 0;

    public static final int TAB1 = 0x800;

    public static final int TAB2 = 0x1000;

    public static final int TAB3 = 0x1800;

    public static final int TABDLY = 0x1800;

    public static final int TCFLSH = 0x540b;

    public static final int TCGETA = 0x5405;

    public static final int TCGETS = 0x5401;

    public static final long TCGETS2 = 0x802c542aL;

    public static final int TCGETX = 0x5432;

    public static final int TCIFLUSH = 0;

    public static final int TCIOFF = 2;

    public static final int TCIOFLUSH = 2;

    public static final int TCION = 3;

    public static final int TCOFLUSH = 1;

    public static final int TCOOFF = 0;

    public static final int TCOON = 1;

    public static final int TCSADRAIN = 1;

    public static final int TCSAFLUSH = 2;

    public static final int TCSANOW = 0;

    public static final int TCSBRK = 0x5409;

    public static final int TCSBRKP = 0x5425;

    public static final int TCSETA = 0x5406;

    public static final int TCSETAF = 0x5408;

    public static final int TCSETAW = 0x5407;

    public static final int TCSETS = 0x5402;

    public static final int TCSETS2 = 0x402c542b;

    public static final int TCSETSF = 0x5404;

    public static final int TCSETSF2 = 0x402c542d;

    public static final int TCSETSW = 0x5403;

    public static final int TCSETSW2 = 0x402c542c;

    public static final int TCSETX = 0x5433;

    public static final int TCSETXF = 0x5434;

    public static final int TCSETXW = 0x5435;

    public static final int TCXONC = 0x540a;

    public static final int TIOCCBRK = 0x5428;

    public static final int TIOCCONS = 0x541d;

    public static final int TIOCEXCL = 0x540c;

    public static final long TIOCGDEV = 0x80045432L;

    public static final int TIOCGETD = 0x5424;

    public static final long TIOCGEXCL = 0x80045440L;

    public static final int TIOCGICOUNT = 0x545d;

    public static final int TIOCGLCKTRMIOS = 0x5456;

    public static final int TIOCGPGRP = 0x540f;

    public static final long TIOCGPKT = 0x80045438L;

    public static final long TIOCGPTLCK = 0x80045439L;

    public static final long TIOCGPTN = 0x80045430L;

    public static final int TIOCGPTPEER = 0x5441;

    public static final int TIOCGRS485 = 0x542e;

    public static final int TIOCGSERIAL = 0x541e;

    public static final int TIOCGSID = 0x5429;

    public static final int TIOCGSOFTCAR = 0x5419;

    public static final int TIOCGWINSZ = 0x5413;

    public static final int TIOCINQ = 0x541b;

    public static final int TIOCLINUX = 0x541c;

    public static final int TIOCM_LE = 1;
    public static final int TIOCM_DTR = 2;
    public static final int TIOCM_RTS = 4;
    public static final int TIOCM_ST = 8;
    public static final int TIOCM_SR = 16;
    public static final int TIOCM_CTS = 32;
    public static final int TIOCM_CAR = 64;
    public static final int TIOCM_CD = 64;
    public static final int TIOCM_RI = 128;
    public static final int TIOCM_RNG = 128;
    public static final int TIOCM_DSR = 0x100;

    public static final int TIOCMBIC = 0x5417;

    public static final int TIOCMBIS = 0x5416;

    public static final int TIOCMGET = 0x5415;

    public static final int TIOCMIWAIT = 0x545c;

    public static final int TIOCMSET = 0x5418;

    public static final int TIOCNOTTY = 0x5422;

    public static final int TIOCNXCL = 0x540d;

    public static final int TIOCOUTQ = 0x5411;

    public static final int TIOCPKT_DATA = 0;
    public static final int TIOCPKT_FLUSHREAD = 1;
    public static final int TIOCPKT_FLUSHWRITE = 2;
    public static final int TIOCPKT_STOP = 4;
    public static final int TIOCPKT_START = 8;
    public static final int TIOCPKT_NOSTOP = 16;
    public static final int TIOCPKT_DOSTOP = 32;
    public static final int TIOCPKT_IOCTL = 64;
    public static final int TIOCPKT = 0x5420;

    public static final int TIOCSBRK = 0x5427;

    public static final int TIOCSCTTY = 0x540e;

    public static final int TIOCSER_TEMT = 1;

    public static final int TIOCSERCONFIG = 0x5453;

    public static final int TIOCSERGETLSR = 0x5459;

    public static final int TIOCSERGETMULTI = 0x545a;

    public static final int TIOCSERGSTRUCT = 0x5458;

    public static final int TIOCSERGWILD = 0x5454;

    public static final int TIOCSERSETMULTI = 0x545b;

    public static final int TIOCSERSWILD = 0x5455;

    public static final int TIOCSETD = 0x5423;

    public static final int TIOCSIG = 0x40045436;

    public static final int TIOCSLCKTRMIOS = 0x5457;

    public static final int TIOCSPGRP = 0x5410;

    public static final int TIOCSPTLCK = 0x40045431;

    public static final int TIOCSRS485 = 0x542f;

    public static final int TIOCSSERIAL = 0x541f;

    public static final int TIOCSSOFTCAR = 0x541a;

    public static final int TIOCSTI = 0x5412;

    public static final int TIOCSWINSZ = 0x5414;

    public static final int TIOCVHANGUP = 0x5437;

    public static final int TOSTOP = 0x100;

    public static final int VDISCARD = 13;

    public static final int VEOF = 4;

    public static final int VEOL = 11;

    public static final int VEOL2 = 16;

    public static final int VERASE = 2;

    public static final int VINTR = 0;

    public static final int VKILL = 3;

    public static final int VLNEXT = 15;

    public static final int VMIN = 6;

    public static final int VQUIT = 1;

    public static final int VREPRINT = 12;

    public static final int VSTART = 8;

    public static final int VSTOP = 9;

    public static final int VSUSP = 10;

    public static final int VSWTC = 7;

    public static final int VTIME = 5;

    public static final int VWERASE = 14;

    public static final int XTABS = 0x1800;
}
