// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.abi;

/**
 * Constants of netdevice(7).
 *
 * <p>Source: {@code linux/if.h, linux/sockios.h, linux/if_arp.h} of Linux, x86-64.
 */
public final class NetDevice {

    private NetDevice() {}

    public static final int SIOCADDRT = 0x890b;
    public static final int SIOCDELRT = 0x890c;
    public static final int SIOCGIFNAME = 0x8910;
    public static final int SIOCGIFCONF = 0x8912;
    public static final int SIOCGIFFLAGS = 0x8913;
    public static final int SIOCSIFFLAGS = 0x8914;
    public static final int SIOCGIFADDR = 0x8915;
    public static final int SIOCSIFADDR = 0x8916;
    public static final int SIOCGIFDSTADDR = 0x8917;
    public static final int SIOCGIFBRDADDR = 0x8919;
    public static final int SIOCGIFNETMASK = 0x891b;
    public static final int SIOCSIFNETMASK = 0x891c;
    public static final int SIOCGIFMETRIC = 0x891d;
    public static final int SIOCGIFMTU = 0x8921;
    public static final int SIOCSIFMTU = 0x8922;
    public static final int SIOCGIFHWADDR = 0x8927;
    public static final int SIOCGIFINDEX = 0x8933;
    public static final int SIOCGIFCOUNT = 0x8938;
    public static final int SIOCGIFTXQLEN = 0x8942;
    public static final int SIOCGIFMAP = 0x8970;
    public static final int SIOCGIFPFLAGS = 0x8935;
    public static final int SIOCETHTOOL = 0x8946;
    public static final int SIOCGSTAMP = 0x8906;
    public static final int SIOCGSTAMPNS = 0x8907;
    public static final int SIOCATMARK = 0x8905;
    public static final int SIOCINQ = 0x541b;
    public static final int SIOCOUTQ = 0x5411;
    public static final int SIOCOUTQNSD = 0x894b;

    public static final int IFF_UP = 0x1;
    public static final int IFF_BROADCAST = 0x2;
    public static final int IFF_LOOPBACK = 0x8;
    public static final int IFF_RUNNING = 0x40;
    public static final int IFF_NOARP = 0x80;
    public static final int IFF_PROMISC = 0x100;
    public static final int IFF_ALLMULTI = 0x200;
    public static final int IFF_MULTICAST = 0x1000;
    public static final int IFF_LOWER_UP = 0x10000;
    public static final int ARPHRD_LOOPBACK = 772;
    public static final int IFNAMSIZ = 16;
}
