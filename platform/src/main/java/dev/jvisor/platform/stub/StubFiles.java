// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.stub;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.Host;
import dev.jvisor.platform.host.NativeBuffer;
import dev.jvisor.platform.host.Sys;

import java.util.BitSet;

/**
 * The host descriptor table that related stub processes share, and which of the Sentry's
 * descriptors have a copy in it.
 *
 * <p>A copy travels as SCM_RIGHTS and lands at the lowest free number. The number is computed here
 * and checked by a call in the stub, never read from the stub's memory, where guest threads could
 * forge it. Whoever injects calls that depend on the table holds its monitor meanwhile.
 */
public final class StubFiles {

    /** Copies kept; more are closed again, oldest first. */
    private static final int COPIES_MAX = 192;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL_DONTWAIT = 0x4040;

    /**
     * Descriptors that every stub has: the memory file, the control file, its end of the socket.
     */
    public static final int MEMORY_FD = 0;

    public static final int CONTROL_FD = 1;
    public static final int SOCKET_FD = 2;

    private final int socket;

    // Guarded by this.
    private final int[] hostFds = new int[COPIES_MAX];
    private final int[] stubFds = new int[COPIES_MAX];
    private int count;
    private final BitSet used = new BitSet();
    private final BitSet toClose = new BitSet();
    private int processes = 1;
    private boolean broken;

    /** Whether {@link #nextToClose} has something; read without the monitor. */
    private volatile boolean closing;

    /**
     * Takes over the Sentry's end of the socket pair.
     *
     * @param firstFree the lowest descriptor number that is free in the stub
     */
    public StubFiles(int socket, int firstFree) {
        this.socket = socket;
        used.set(0, firstFree);
    }

    public boolean hasToClose() {
        return closing;
    }

    public synchronized void addProcess() {
        processes++;
    }

    /** Counts a process out; the last one takes the socket with it. */
    public synchronized void removeProcess() {
        if (--processes == 0) {
            Host.syscall(Sys.CLOSE, socket, 0, 0);
        }
    }

    public synchronized boolean isUnused() {
        return processes == 0;
    }

    /** Returns the copy of a descriptor, or -1. */
    public int find(int hostFd) {
        for (int i = 0; i < count; i++) {
            if (hostFds[i] == hostFd) {
                return stubFds[i];
            }
        }
        return -1;
    }

    /** Forgets the copy of a descriptor of the Sentry, which is about to be closed. */
    public synchronized void forget(int hostFd) {
        for (int i = 0; i < count; i++) {
            if (hostFds[i] == hostFd) {
                drop(i);
                return;
            }
        }
    }

    private void drop(int index) {
        toClose.set(stubFds[index]);
        closing = true;
        count--;
        System.arraycopy(hostFds, index + 1, hostFds, index, count - index);
        System.arraycopy(stubFds, index + 1, stubFds, index, count - index);
    }

    /**
     * Gives up donating: a stub was killed (from outside) in the middle of it, so that neither the
     * socket's contents nor the free numbers are known any more.
     */
    public synchronized void breakDown() {
        broken = true;
    }

    /** Takes a descriptor that the stub has to close now, or -1. */
    public int nextToClose() {
        int fd = toClose.nextSetBit(0);
        if (fd >= 0) {
            toClose.clear(fd);
            used.clear(fd);
        } else {
            closing = false;
        }
        return fd;
    }

    /**
     * Puts a descriptor into the socket.
     *
     * @return the number it will have in the stub, provided that calls injected so far are executed
     *     first
     * @throws ErrnoException EBADF if it is not open here, EAGAIN if the socket is full
     */
    public int donate(int hostFd) throws ErrnoException {
        if (broken) {
            throw Errno.ENOMEM.exception();
        }
        NativeBuffer buffer = NativeBuffer.scratch();
        long address = buffer.address();
        buffer.clear(0, 128);
        buffer.putLong(16, address + 64); // msg_iov
        buffer.putLong(24, 1);
        buffer.putLong(32, address + 96); // msg_control
        buffer.putLong(40, 24);
        buffer.putLong(64, address + 80); // one byte of data
        buffer.putLong(72, 1);
        buffer.putLong(96, 20); // struct cmsghdr
        buffer.putInt(104, SOL_SOCKET);
        buffer.putInt(108, SCM_RIGHTS);
        buffer.putInt(112, hostFd);
        long sent = Host.check(Host.syscall(Sys.SENDMSG, socket, address, MSG_NOSIGNAL_DONTWAIT));
        if (sent != 1) {
            throw Errno.EAGAIN.exception();
        }
        if (count == COPIES_MAX) {
            drop(0);
        }
        int stubFd = used.nextClearBit(0);
        used.set(stubFd);
        hostFds[count] = hostFd;
        stubFds[count++] = stubFd;
        return stubFd;
    }
}
