// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

/**
 * A file whose content is made when it is read from its start, and then stays the same for this
 * open description until it is read from the start again (Linux: seq_file).
 */
public abstract class TextFile extends KernfsInode {

    /** The usual mode of one that cannot be written. */
    public static final int READ_ONLY = StatMode.S_IFREG | 0444;

    /** The usual mode of one that its owner can write. */
    public static final int READ_WRITE = StatMode.S_IFREG | 0644;

    protected TextFile(KernfsFilesystem filesystem, long number, int mode) {
        super(filesystem, number, mode);
    }

    /**
     * Writes the content.
     *
     * @param subject what {@link #begin} answered
     */
    protected abstract void generate(CallContext context, @Nullable Object subject, TextBuffer out)
            throws ErrnoException;

    /**
     * Called when it is opened, after permission checks; throws if the caller may not.
     *
     * @return what {@link #generate} gets as long as it is open: for what must not change under a
     *     reader that was allowed to see it once, as the memory of a process that executes another
     *     program
     */
    protected @Nullable Object begin(CallContext context, int flags) throws ErrnoException {
        return null;
    }

    /**
     * Takes what was written.
     *
     * @param length bytes of {@code data}, at most {@link #storeBytesMax}
     * @param offset position in the file
     */
    protected void store(CallContext context, byte[] data, int length, long offset)
            throws ErrnoException {
        throw Errno.EIO.exception();
    }

    /** How many bytes of one write {@link #store} takes; the rest is left (a partial write). */
    protected int storeBytesMax() {
        return 4095;
    }

    /** Whether lseek(2) knows SEEK_END: content that Linux does not keep in a seq_file. */
    protected boolean seeksFromEnd() {
        return false;
    }

    @Override
    public FileDescription open(CallContext context, VfsPath path, int flags)
            throws ErrnoException {
        return new TextDescription(this, begin(context, flags), path, flags);
    }
}
