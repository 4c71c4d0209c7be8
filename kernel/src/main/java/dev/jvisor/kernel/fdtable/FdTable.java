// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.fdtable;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors of a process (Linux: {@code struct files_struct}). Contract skeleton (kernel owner).
 * Thread-safe. {@link #get} hands out a description without taking a reference for the calling thread's
 * own call: use {@link #acquire} and release when another thread might close it while the call blocks.
 */
public abstract class FdTable {

    /** Creates an empty table. */
    public static FdTable create() {
        throw new UnsupportedOperationException();
    }

    /** Returns the description with a reference taken, or throws EBADF (O_PATH ones included). */
    public abstract FileDescription acquire(int fd) throws ErrnoException;

    /** As {@link #acquire}, but EBADF for O_PATH descriptions too (most calls). */
    public final FileDescription acquireForIo(int fd) throws ErrnoException {
        FileDescription f = acquire(fd);
        if (f.isPathOnly()) {
            f.release();
            throw Errno.EBADF.exception();
        }
        return f;
    }

    /** Returns the description or null, without a reference (procfs, tests). */
    public abstract @Nullable FileDescription peek(int fd);

    /**
     * Puts a description (whose reference the table takes over) at the lowest free number.
     *
     * @param minimum lowest number wanted
     * @param limit RLIMIT_NOFILE: numbers are below it
     * @throws ErrnoException EMFILE; EINVAL if minimum is not below the limit
     */
    public abstract int install(FileDescription file, int minimum, boolean closeOnExec, long limit)
            throws ErrnoException;

    /** Puts a description at a number, closing what was there (dup2). EBADF if not below the limit. */
    public abstract void installAt(int fd, FileDescription file, boolean closeOnExec, long limit)
            throws ErrnoException;

    /** Removes an entry and returns its description with the table's reference; EBADF. */
    public abstract FileDescription remove(int fd) throws ErrnoException;

    public abstract boolean isCloseOnExec(int fd) throws ErrnoException;

    public abstract void setCloseOnExec(int fd, boolean closeOnExec) throws ErrnoException;

    /** A copy for fork; every description gets a reference. */
    public abstract FdTable copy();

    /** Removes all close-on-exec entries (execve). */
    public abstract void closeOnExec(dev.jvisor.fs.vfs.CallContext context);

    /** One more / one fewer task shares the table; the last one closes everything. */
    public abstract void retain();

    public abstract void release(dev.jvisor.fs.vfs.CallContext context);

    /** Numbers in use, ascending. */
    public abstract int[] descriptors();

    /** close_range(2): closes or marks [first, last]. */
    public abstract void closeRange(
            dev.jvisor.fs.vfs.CallContext context, int first, int last, boolean onlyMark);
}
