// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tty;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Poll;
import dev.jvisor.platform.abi.Signals;

/** The slave: what programs use as their terminal. */
final class PtySlave extends PtyFile {

    private static final long TENTH_NANOS = 100_000_000;
    private static final long FOREVER = Long.MAX_VALUE;

    private final int generation;

    PtySlave(Pty pty, Inode inode, VfsPath path, int flags, int generation) {
        super(pty, inode, path, flags, false);
        this.generation = generation;
    }

    @Override
    protected void onRelease() {
        pty.closeSlave();
    }

    private boolean isHungUp() {
        return pty.isHungUp(generation);
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        if (isHungUp()) {
            return 0;
        }
        pty.checkForeground(context, Signals.SIGTTIN);
        int length = (int) Math.min(destination.remaining(), InputBuffer.BYTES);
        if (length == 0) {
            return 0;
        }
        byte[] bytes = new byte[length];
        Termios t = pty.termios();
        int minimum = t.character(Ioctls.VMIN);
        int time = t.character(Ioctls.VTIME);
        int n;
        if (pty.isCanonical() || minimum == 1 && time == 0) {
            n = pty.slaveRead(bytes, 0, length);
            if (n < 0) {
                throw Errno.EAGAIN.exception();
            }
        } else {
            n = readRaw(context, bytes, minimum, time);
        }
        if (n > 0) {
            pty.node().touch(context, false);
        }
        return n == 0 ? 0 : destination.copyTo(bytes, 0, n);
    }

    /**
     * Reads with VMIN and VTIME, which count and measure over several pieces of input: waits here,
     * as the call would have to begin anew otherwise.
     *
     * @param minimum bytes to wait for; 0 to wait for the time only
     * @param time tenths of a second: between bytes, or for the first one if there is no minimum
     */
    private int readRaw(CallContext context, byte[] bytes, int minimum, int time)
            throws ErrnoException {
        WaitQueue.Entry entry = context.newWaitEntry(Poll.POLLIN | Poll.POLLHUP);
        pty.slaveQueue().add(entry);
        int done = 0;
        try {
            long timeout = minimum == 0 ? time * TENTH_NANOS : FOREVER;
            long deadline = deadline(context, timeout);
            for (; ; ) {
                int n = pty.slaveRead(bytes, done, bytes.length - done);
                if (n > 0) {
                    done += n;
                    if (done >= Math.max(1, minimum) || done == bytes.length) {
                        return done;
                    }
                    deadline = deadline(context, time == 0 ? FOREVER : time * TENTH_NANOS);
                    continue;
                }
                if (n == 0 || timeout == 0 || isHungUp()) {
                    return done;
                }
                if (isNonBlocking()) {
                    throw Errno.EAGAIN.exception();
                }
                if (!context.sleep(deadline)) {
                    return done;
                }
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
            return done;
        } finally {
            pty.slaveQueue().remove(entry);
        }
    }

    private static long deadline(CallContext context, long timeoutNanos) {
        return timeoutNanos == FOREVER ? FOREVER : context.monotonicNanos() + timeoutNanos;
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        if (isHungUp()) {
            throw Errno.EIO.exception();
        }
        if (pty.termios().local(Ioctls.TOSTOP)) {
            pty.checkForeground(context, Signals.SIGTTOU);
        }
        return super.writeAt(context, source, offset);
    }

    @Override
    int send(byte[] bytes, int length) throws ErrnoException {
        if (isHungUp()) {
            throw Errno.EIO.exception();
        }
        return pty.slaveWrite(bytes, 0, length);
    }

    @Override
    public int poll() {
        return pty.slavePoll(generation);
    }

    @Override
    public WaitQueue waitQueue() {
        return pty.slaveQueue();
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        if (isHungUp()) {
            throw (command == Ioctls.TIOCSPGRP ? Errno.ENOTTY : Errno.EIO).exception();
        }
        return super.ioctl(context, command, argument);
    }
}
