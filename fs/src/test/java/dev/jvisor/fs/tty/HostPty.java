// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostPoll;
import dev.jvisor.platform.host.HostTty;
import dev.jvisor.platform.host.NativeBuffer;

/** A pseudo-terminal of the host, both ends without waiting: the oracle of the properties. */
final class HostPty implements AutoCloseable {

    private static final int BUFFER_BYTES = 8192;

    private final NativeBuffer buffer = NativeBuffer.allocate(BUFFER_BYTES);
    private final int master;
    private final int slave;

    HostPty() throws ErrnoException {
        int flags = Fcntl.O_RDWR | Fcntl.O_NOCTTY | Fcntl.O_NONBLOCK;
        master = HostFiles.open("/dev/ptmx", flags);
        HostTty.set(master, Ioctls.TIOCSPTLCK, new byte[4]);
        byte[] number = new byte[4];
        HostTty.get(master, Ioctls.TIOCGPTN, number);
        slave = HostFiles.open("/dev/pts/" + LittleEndian.getInt(number, 0), flags);
    }

    static boolean isAvailable() {
        try (HostPty pty = new HostPty()) {
            return pty.slave > 0;
        } catch (ErrnoException e) {
            return false;
        }
    }

    @Override
    public void close() {
        HostFiles.close(slave);
        HostFiles.close(master);
    }

    int masterWrite(byte[] bytes) throws ErrnoException {
        return write(master, bytes);
    }

    int slaveWrite(byte[] bytes) throws ErrnoException {
        return write(slave, bytes);
    }

    private int write(int fd, byte[] bytes) throws ErrnoException {
        buffer.put(0, bytes, 0, bytes.length);
        try {
            return (int) HostFiles.write(fd, buffer.address(), bytes.length);
        } catch (ErrnoException e) {
            if (e.errno == Errno.EAGAIN) {
                return 0;
            }
            throw e;
        }
    }

    /** Null if there is nothing. */
    byte[] masterRead(int length) throws ErrnoException {
        return read(master, length);
    }

    byte[] slaveRead(int length) throws ErrnoException {
        return read(slave, length);
    }

    private byte[] read(int fd, int length) throws ErrnoException {
        try {
            int n = (int) HostFiles.read(fd, buffer.address(), Math.min(length, BUFFER_BYTES));
            byte[] bytes = new byte[n];
            buffer.get(0, bytes, 0, n);
            return bytes;
        } catch (ErrnoException e) {
            if (e.errno == Errno.EAGAIN) {
                return null;
            }
            throw e;
        }
    }

    boolean slaveHasInput() throws ErrnoException {
        return (HostPoll.poll(slave, Poll.POLLIN) & Poll.POLLIN) != 0;
    }

    int slaveAvailable() throws ErrnoException {
        byte[] count = new byte[4];
        HostTty.get(slave, Ioctls.FIONREAD, count);
        return LittleEndian.getInt(count, 0);
    }

    void setTermios(byte[] termios, boolean flushes) throws ErrnoException {
        HostTty.set(slave, flushes ? Ioctls.TCSETSF : Ioctls.TCSETS, termios);
    }

    byte[] termios(int command, int size) throws ErrnoException {
        byte[] result = new byte[size];
        HostTty.get(slave, command, result);
        return result;
    }
}
