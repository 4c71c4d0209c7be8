// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.NetDevice;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The ioctls of netdevice(7) (Linux: dev_ioctl, devinet_ioctl). */
public final class InternetDevices implements NetNamespace.DeviceControl {

    /** Bytes of {@code struct ifreq}. */
    private static final int IFREQ_BYTES = 40;

    private static final int VALUE = NetDevice.IFNAMSIZ;
    private static final int QUEUE_LENGTH = 1000;
    private static final int MTU_MIN = 0;

    private final InternetStack stack;

    public InternetDevices(InternetStack stack) {
        this.stack = stack;
    }

    public InternetStack stack() {
        return stack;
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        switch (command) {
            case NetDevice.SIOCGIFCONF -> {
                listAddresses(context, argument);
                return 0;
            }
            case NetDevice.SIOCGIFNAME,
                    NetDevice.SIOCGIFFLAGS,
                    NetDevice.SIOCSIFFLAGS,
                    NetDevice.SIOCGIFADDR,
                    NetDevice.SIOCGIFDSTADDR,
                    NetDevice.SIOCGIFBRDADDR,
                    NetDevice.SIOCGIFNETMASK,
                    NetDevice.SIOCGIFMETRIC,
                    NetDevice.SIOCGIFMTU,
                    NetDevice.SIOCSIFMTU,
                    NetDevice.SIOCGIFHWADDR,
                    NetDevice.SIOCGIFINDEX,
                    NetDevice.SIOCGIFTXQLEN,
                    NetDevice.SIOCGIFMAP,
                    NetDevice.SIOCETHTOOL -> {}
            default -> throw Errno.ENOTTY.exception();
        }
        byte[] request = new byte[IFREQ_BYTES];
        context.memory().copyIn(argument, request, 0, IFREQ_BYTES);
        if (command == NetDevice.SIOCETHTOOL) {
            device(request);
            throw Errno.EOPNOTSUPP.exception();
        }
        if (command == NetDevice.SIOCSIFFLAGS || command == NetDevice.SIOCSIFMTU) {
            change(context, command, request);
            return 0;
        }
        answer(command, request);
        context.memory().copyOut(argument, request, 0, IFREQ_BYTES);
        return 0;
    }

    private NetInterface device(byte[] request) throws ErrnoException {
        int length = 0;
        while (length < NetInterface.NAME_BYTES_MAX && request[length] != 0) {
            length++;
        }
        String name = new String(request, 0, length, StandardCharsets.ISO_8859_1);
        int colon = name.indexOf(':'); // an alias, as lo:1
        NetInterface found = stack.interfaceOf(colon < 0 ? name : name.substring(0, colon));
        if (found == null) {
            throw Errno.ENODEV.exception();
        }
        return found;
    }

    private void change(CallContext context, int command, byte[] request) throws ErrnoException {
        if (!context.credentials().hasIn(stack.owner(), Capabilities.CAP_NET_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        NetInterface device = device(request);
        if (command == NetDevice.SIOCSIFFLAGS) {
            int flags = LittleEndian.getUnsignedShort(request, VALUE);
            stack.setUp(device, (flags & NetDevice.IFF_UP) != 0);
            return;
        }
        int mtu = LittleEndian.getInt(request, VALUE);
        if (mtu < MTU_MIN) {
            throw Errno.EINVAL.exception();
        }
        device.setMtuBytes(mtu);
    }

    private void answer(int command, byte[] r) throws ErrnoException {
        if (command == NetDevice.SIOCGIFNAME) {
            NetInterface device = stack.interfaceOf(LittleEndian.getInt(r, VALUE));
            if (device == null) {
                throw Errno.ENODEV.exception();
            }
            putName(r, 0, device.name());
            return;
        }
        NetInterface device = device(r);
        switch (command) {
            case NetDevice.SIOCGIFFLAGS ->
                LittleEndian.putShort(r, VALUE, device.flags() & 0xffff & ~NetDevice.IFF_LOWER_UP);
            case NetDevice.SIOCGIFMETRIC -> LittleEndian.putInt(r, VALUE, 0);
            case NetDevice.SIOCGIFMTU -> LittleEndian.putInt(r, VALUE, device.mtuBytes());
            case NetDevice.SIOCGIFINDEX -> LittleEndian.putInt(r, VALUE, device.index());
            case NetDevice.SIOCGIFTXQLEN -> LittleEndian.putInt(r, VALUE, QUEUE_LENGTH);
            case NetDevice.SIOCGIFMAP -> Arrays.fill(r, VALUE, IFREQ_BYTES, (byte) 0);
            case NetDevice.SIOCGIFHWADDR -> {
                Arrays.fill(r, VALUE, VALUE + 16, (byte) 0);
                LittleEndian.putShort(r, VALUE, device.hardwareType());
                byte[] address = device.hardwareAddress();
                System.arraycopy(address, 0, r, VALUE + 2, address.length);
            }
            default -> answerAddress(command, r, device);
        }
    }

    private void answerAddress(int command, byte[] r, NetInterface device) throws ErrnoException {
        NetInterface.Address a = first4(device);
        if (a == null) {
            throw Errno.EADDRNOTAVAIL.exception();
        }
        IpAddress value = switch (command) {
            case NetDevice.SIOCGIFNETMASK ->
                InternetStack.network4(IpAddress.BROADCAST4, a.prefixBits());
            case NetDevice.SIOCGIFBRDADDR ->
                device.isLoopback()
                        ? IpAddress.ANY4
                        : IpAddress.v4(a.address().v4Bits() | -1 >>> a.prefixBits());
            default -> a.address();
        };
        put(r, VALUE, value);
    }

    private static NetInterface.@Nullable Address first4(NetInterface device) {
        for (NetInterface.Address a : device.addresses()) {
            if (a.address().isV4()) {
                return a;
            }
        }
        return null;
    }

    private static void put(byte[] r, int index, IpAddress address) {
        byte[] raw = new InetAddress(address, 0, 0).bytes(Socket.AF_INET);
        System.arraycopy(raw, 0, r, index, raw.length);
    }

    private static void putName(byte[] r, int index, String name) {
        Arrays.fill(r, index, index + NetDevice.IFNAMSIZ, (byte) 0);
        byte[] raw = name.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(raw, 0, r, index, raw.length);
    }

    /** SIOCGIFCONF: the IPv4 addresses, as many as there is room for. */
    private void listAddresses(CallContext context, long argument) throws ErrnoException {
        byte[] conf = new byte[16];
        context.memory().copyIn(argument, conf, 0, conf.length);
        int room = LittleEndian.getInt(conf, 0);
        long buffer = LittleEndian.getLong(conf, 8);
        int total = 0;
        for (NetInterface device : stack.interfaces()) {
            for (NetInterface.Address a : device.addresses()) {
                if (!a.address().isV4()) {
                    continue;
                }
                if (buffer != 0) {
                    if (room - total < IFREQ_BYTES) {
                        break;
                    }
                    byte[] entry = new byte[IFREQ_BYTES];
                    putName(entry, 0, device.name());
                    put(entry, VALUE, a.address());
                    context.memory().copyOut(buffer + total, entry, 0, IFREQ_BYTES);
                }
                total += IFREQ_BYTES;
            }
        }
        context.memory().putInt(argument, total);
    }
}
