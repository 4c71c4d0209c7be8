// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.DirectoryFile;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

/**
 * An open directory. One without an upper part is read by the lower file system; otherwise a
 * reading from the start takes both layers' entries at once, and a position is an index into them.
 */
final class OverlayDirectoryFile extends DirectoryFile {

    private final OverlayDirectory directory;
    private final VfsPath place;

    /** What is being read, chosen at position 0; both guarded by the position lock. */
    private @Nullable FileDescription lower;

    private @Nullable MergedEntries merged;

    OverlayDirectoryFile(OverlayDirectory directory, VfsPath place, int flags) {
        super(directory, place, flags);
        this.directory = directory;
        this.place = place;
    }

    @Override
    public void iterate(CallContext context, DirectorySink sink) throws ErrnoException {
        synchronized (positionLock) {
            if (position() == 0 || lower == null && merged == null) {
                choose(context);
            }
            MergedEntries entries = merged;
            if (entries != null) {
                iterateMerged(context, entries, sink);
            } else if (lower != null) {
                iterateLower(context, lower, sink);
            }
        }
    }

    private void choose(CallContext context) throws ErrnoException {
        Inode below = directory.lower;
        if (directory.upperOrNull() == null && below != null) {
            merged = null;
            if (lower == null) {
                lower = below.open(context, place, flags());
            }
            return;
        }
        MergedEntries entries = new MergedEntries();
        entries.gather(context, directory, place);
        merged = entries;
    }

    private void iterateMerged(CallContext context, MergedEntries entries, DirectorySink sink)
            throws ErrnoException {
        if (!emitDots(sink, directory.number(context), directory.parent().number(context))) {
            return;
        }
        for (long i = position() - 2; i >= 0 && i < entries.count(); i++) {
            int at = (int) i;
            if (!sink.entry(entries.name(at), entries.number(at), entries.type(at), i + 3)) {
                return;
            }
            setPosition(i + 3);
        }
    }

    /** Positions are the lower description's; names that were removed since are left out. */
    private void iterateLower(CallContext context, FileDescription below, DirectorySink sink)
            throws ErrnoException {
        below.setPosition(position());
        Inode lowerInode = directory.lower;
        OverlayFilesystem filesystem = directory.filesystem;
        long device = lowerInode == null ? 0 : filesystem.deviceOf(context, lowerInode);
        long self = directory.number(context);
        long up = directory.parent().number(context);
        below.iterate(context, (name, number, type, offset) -> {
            if (name.length() <= 2 && name.charAt(0) == '.') {
                if (name.length() == 1) {
                    return sink.entry(name, self, type, offset);
                }
                if (name.charAt(1) == '.') {
                    return sink.entry(name, up, type, offset);
                }
            }
            return directory.hides(name)
                    || sink.entry(name, filesystem.translate(device, number), type, offset);
        });
        setPosition(below.position());
    }

    @Override
    protected void onRelease() {
        FileDescription below = lower;
        if (below != null) {
            below.release();
        }
    }
}
