// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.tmpfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DirectoryFile;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/** An open directory. */
final class TmpfsDirectoryFile extends DirectoryFile {

    private final TmpfsDirectory directory;

    /** Where the last call stopped; guarded by the position lock. */
    private TmpfsDirectory.@Nullable Entry hint;

    /** Entries from here on came after the reading began: left out, so that it ends. */
    private long end;

    TmpfsDirectoryFile(TmpfsDirectory directory, VfsPath path, int flags) {
        super(directory, path, flags);
        this.directory = directory;
        end = directory.endCookie();
    }

    @Override
    public void iterate(CallContext context, DirectorySink sink) throws ErrnoException {
        synchronized (positionLock) {
            if (position() == 0) {
                end = directory.endCookie();
            }
            if (emitDots(sink, directory.number(), directory.parent().number())) {
                emit(sink);
            }
        }
        directory.touchAccess(context, path(), flags());
    }

    private void emit(DirectorySink sink) {
        TmpfsDirectory.Entry e = directory.entryAt(position(), hint);
        while (e != null && e.cookie < end) {
            long next = e.cookie + 1;
            int type = typeOf(e.inode.mode());
            if (!sink.entry(e.name, e.inode.number(), type, next)) {
                break;
            }
            setPosition(next);
            hint = e;
            e = directory.entryAt(next, e);
        }
    }
}
