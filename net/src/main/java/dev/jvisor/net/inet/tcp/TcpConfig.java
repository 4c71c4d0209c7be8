// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

/**
 * What the options of a socket say of its connection. Single values that are read without lock; a
 * connection that is accepted begins with a copy of the listener's.
 */
final class TcpConfig implements Cloneable {

    volatile int sendBufferBytes;
    volatile int receiveBufferBytes;
    volatile boolean isSendBufferFixed;
    volatile boolean isReceiveBufferFixed;
    volatile int receiveLowWater = 1;
    volatile boolean isNoDelay;
    volatile boolean isCorked;
    volatile boolean isUrgentInline;
    volatile boolean keepsAlive;
    volatile int keepIdleSeconds;
    volatile int keepIntervalSeconds;
    volatile int keepProbes;
    volatile int userTimeoutMillis;
    volatile int synRetries;
    volatile int linger2Seconds;
    volatile boolean lingers;
    volatile int lingerSeconds;
    volatile int deferAcceptSeconds;
    volatile int windowClamp;
    volatile int maxSegment;
    volatile int notSentLowWater;
    volatile int ttl;
    volatile int trafficClass;
    volatile boolean reusesAddress;
    volatile boolean reusesPort;
    volatile boolean isV6Only;
    volatile int boundInterface;
    volatile int userId;

    /** Number of the socket's inode, 0 while no guest has it. */
    volatile long inode;

    /** Whether bind(2) chose the address: it outlives a disconnect. */
    volatile boolean isAddressChosen;

    /** What an accepted connection begins with. */
    TcpConfig inherited() {
        try {
            TcpConfig copy = (TcpConfig) clone();
            copy.inode = 0;
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
