// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.signal;

import dev.jvisor.fs.anon.AnonInodes;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.kernel.Kernel;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

/**
 * signalfd(2): signals taken by reading. Whose they are is decided by who asks: the thread that
 * reads or polls takes or sees its own and its process's.
 */
public final class SignalFile extends FileDescription {

    private final Kernel kernel;

    /** Signals that are not taken. */
    private volatile long mask;

    /**
     * Makes one.
     *
     * @param wanted the signals to take; SIGKILL and SIGSTOP never are
     */
    public SignalFile(Kernel kernel, long wanted, boolean nonBlocking) {
        super(AnonInodes.place("[signalfd]"), Fcntl.O_RDWR | (nonBlocking ? Fcntl.O_NONBLOCK : 0));
        this.kernel = kernel;
        this.mask = ~wanted | SignalSet.UNBLOCKABLE;
    }

    /** Replaces the signals to take. */
    public void setWanted(long wanted) {
        mask = ~wanted | SignalSet.UNBLOCKABLE;
        kernel.signalfdWaiters().notify(Poll.POLLIN);
    }

    @Override
    public Inode inode() {
        return AnonInodes.inode();
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        long room = destination.remaining() / SignalFileInfo.SIZE;
        if (room == 0) {
            throw Errno.EINVAL.exception();
        }
        Task task = (Task) context;
        byte[] bytes = new byte[SignalFileInfo.SIZE];
        long total = 0;
        for (long i = 0; i < room; i++) {
            SigInfo info = SignalDelivery.takeNow(task, mask);
            if (info == null) {
                break;
            }
            SignalFileInfo.write(info, bytes);
            if (destination.copyTo(bytes, 0, bytes.length) < bytes.length) {
                if (total == 0) {
                    throw Errno.EFAULT.exception();
                }
                break;
            }
            total += bytes.length;
        }
        if (total == 0) {
            throw Errno.EAGAIN.exception();
        }
        return total;
    }

    @Override
    public int poll() {
        Task task = Task.current();
        return task != null && isPending(task) ? Poll.POLLIN : 0;
    }

    private boolean isPending(Task task) {
        GroupSignals signals = task.threadGroup().signals();
        signals.lock.lock();
        try {
            long pending = task.signals().pending.pending() | signals.shared.pending();
            return (pending & ~mask) != 0;
        } finally {
            signals.lock.unlock();
        }
    }

    /** One queue for all of a kernel: any signal may be one that somebody's poll waits for. */
    @Override
    public @Nullable WaitQueue waitQueue() {
        return kernel.signalfdWaiters();
    }

    @Override
    public void describe(CallContext context, StringBuilder out) {
        String hex = Long.toHexString(~mask);
        out.append("sigmask:\t").repeat('0', 16 - hex.length()).append(hex).append('\n');
    }

    /** Accepted without effect (Linux: noop_llseek). */
    @Override
    public long seek(CallContext context, long offset, int whence) {
        return 0;
    }
}
