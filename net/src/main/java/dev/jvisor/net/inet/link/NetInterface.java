// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.link;

import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.platform.abi.NetDevice;

import java.util.concurrent.atomic.LongAdder;

/** A network interface (Linux: {@code struct net_device}). Thread-safe. */
public final class NetInterface {

    /**
     * An address of an interface (Linux: {@code struct in_ifaddr}, {@code struct inet6_ifaddr}).
     *
     * @param prefixBits bits of the network
     * @param scope {@code RT_SCOPE_*}
     */
    public record Address(IpAddress address, int prefixBits, int scope) {}

    /** Longest name, bytes, without the end. */
    public static final int NAME_BYTES_MAX = NetDevice.IFNAMSIZ - 1;

    private static final Address[] NO_ADDRESSES = {};

    private final int index;
    private final String name;
    private final int hardwareType;
    private final byte[] hardwareAddress;
    private final LinkEndpoint link;
    private volatile int flags;
    private volatile int mtuBytes;
    private volatile Address[] addresses = NO_ADDRESSES;

    public final LongAdder sentPackets = new LongAdder();
    public final LongAdder sentBytes = new LongAdder();
    public final LongAdder receivedPackets = new LongAdder();
    public final LongAdder receivedBytes = new LongAdder();

    /**
     * An interface that is down.
     *
     * @param hardwareType {@code ARPHRD_*}
     * @param flags {@code IFF_*}
     */
    public NetInterface(
            int index,
            String name,
            int hardwareType,
            byte[] hardwareAddress,
            int flags,
            int mtuBytes,
            LinkEndpoint link) {
        this.index = index;
        this.name = name;
        this.hardwareType = hardwareType;
        this.hardwareAddress = hardwareAddress;
        this.flags = flags;
        this.mtuBytes = mtuBytes;
        this.link = link;
    }

    public int index() {
        return index;
    }

    public String name() {
        return name;
    }

    public int hardwareType() {
        return hardwareType;
    }

    public byte[] hardwareAddress() {
        return hardwareAddress.clone();
    }

    /** {@code IFF_*}, with what follows from being up. */
    public int flags() {
        int f = flags;
        return (f & NetDevice.IFF_UP) != 0 ? f | NetDevice.IFF_RUNNING | NetDevice.IFF_LOWER_UP : f;
    }

    public boolean isUp() {
        return (flags & NetDevice.IFF_UP) != 0;
    }

    public boolean isLoopback() {
        return (flags & NetDevice.IFF_LOOPBACK) != 0;
    }

    /** Sets or clears flags; the stack keeps the routes right. */
    public synchronized void changeFlags(int set, int clear) {
        flags = flags & ~clear | set;
    }

    public int mtuBytes() {
        return mtuBytes;
    }

    public void setMtuBytes(int bytes) {
        mtuBytes = bytes;
    }

    /** Its addresses; not to be changed. */
    public Address[] addresses() {
        return addresses;
    }

    /**
     * Adds an address.
     *
     * @return false if it is there already
     */
    public synchronized boolean addAddress(Address address) {
        for (Address a : addresses) {
            if (a.address().equals(address.address())
                    && (a.prefixBits() == address.prefixBits() || !a.address().isV4())) {
                return false;
            }
        }
        Address[] more = java.util.Arrays.copyOf(addresses, addresses.length + 1);
        more[addresses.length] = address;
        addresses = more;
        return true;
    }

    /**
     * Removes an address.
     *
     * @return false if it is not there
     */
    public synchronized boolean removeAddress(Address address) {
        Address[] old = addresses;
        for (int i = 0; i < old.length; i++) {
            if (old[i].address().equals(address.address())
                    && old[i].prefixBits() == address.prefixBits()) {
                Address[] less = new Address[old.length - 1];
                System.arraycopy(old, 0, less, 0, i);
                System.arraycopy(old, i + 1, less, i, less.length - i);
                addresses = less;
                return true;
            }
        }
        return false;
    }

    /** Sends a packet that has its network header. */
    public void transmit(Packet packet) {
        sentPackets.increment();
        sentBytes.add(packet.length());
        link.transmit(this, packet);
    }
}
