// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** An open {@link TextFile} with the content it had when it was last read from the start. */
final class TextDescription extends FileDescription {

    private static final int SEEK_CUR = 1;
    private static final int SEEK_END = 2;

    private final TextFile file;
    private final @Nullable Object subject;
    private volatile @Nullable TextBuffer content;

    TextDescription(TextFile file, @Nullable Object subject, VfsPath path, int flags) {
        super(path, flags);
        this.file = file;
        this.subject = subject;
    }

    @Override
    public Inode inode() {
        return file;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        TextBuffer text = content;
        if (text == null || offset == 0) {
            text = new TextBuffer();
            file.generate(context, subject, text);
            content = text;
        }
        if (offset >= text.length()) {
            return 0;
        }
        int from = (int) offset;
        int n = (int) Math.min(text.length() - from, destination.remaining());
        return destination.copyTo(text.bytes(), from, n);
    }

    @Override
    public long writeAt(CallContext context, IovIter source, long offset) throws ErrnoException {
        int length = (int) Math.min(source.remaining(), file.storeBytesMax());
        byte[] data = new byte[length];
        int n = length == 0 ? 0 : source.copyFrom(data, 0, length);
        file.store(context, data, n, offset);
        return n;
    }

    @Override
    public long seek(CallContext context, long offset, int whence) throws ErrnoException {
        if (whence > SEEK_CUR && !(whence == SEEK_END && file.seeksFromEnd())) {
            throw Errno.EINVAL.exception();
        }
        return super.seek(context, offset, whence);
    }
}
