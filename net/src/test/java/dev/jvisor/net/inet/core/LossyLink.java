// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.core;

import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.inet.ip.Packet;
import dev.jvisor.net.inet.link.LinkEndpoint;
import dev.jvisor.net.inet.link.NetInterface;
import dev.jvisor.platform.abi.Netlink;

import java.util.Random;

/** A cable between two stacks that loses, doubles, damages and reorders packets. */
public final class LossyLink {

    private static final int MTU_BYTES = 1500;
    private static final long DELAY_NANOS = 5_000_000;

    private final VirtualTime time;
    private final Random random;
    private final int badPercent;
    private final InternetStack[] stacks = new InternetStack[2];
    private final NetInterface[] ends = new NetInterface[2];

    /** A cable of which a part of the packets suffers. */
    public LossyLink(VirtualTime time, long seed, int badPercent) {
        this.time = time;
        this.random = new Random(seed);
        this.badPercent = badPercent;
        for (int i = 0; i < 2; i++) {
            stacks[i] = new InternetStack(time);
            ends[i] = new NetInterface(2, "eth0", 1, new byte[6], 0, MTU_BYTES, end(1 - i));
            stacks[i].addInterface(ends[i]);
            stacks[i].setUp(ends[i], true);
            stacks[i].addAddress(
                    ends[i], new NetInterface.Address(address(i), 24, Netlink.RT_SCOPE_UNIVERSE));
        }
    }

    public InternetStack stack(int side) {
        return stacks[side];
    }

    public static IpAddress address(int side) {
        return IpAddress.v4(0x0a000001 + side);
    }

    private LinkEndpoint end(int to) {
        return (from, packet) -> {
            byte[] bytes = new byte[packet.length()];
            packet.copyFrom(packet.headerStart, bytes, 0, bytes.length);
            carry(to, bytes);
            if (isBad()) {
                carry(to, bytes);
            }
        };
    }

    private void carry(int to, byte[] bytes) {
        if (isBad()) {
            return; // lost
        }
        byte[] copy = bytes.clone();
        if (isBad()) {
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        }
        long delay = DELAY_NANOS + (isBad() ? random.nextInt(20_000_000) : 0);
        time.at(time.nanoTime() + delay, () -> stacks[to].input(ends[to], Packet.received(copy)));
    }

    private boolean isBad() {
        return random.nextInt(100) < badPercent;
    }
}
