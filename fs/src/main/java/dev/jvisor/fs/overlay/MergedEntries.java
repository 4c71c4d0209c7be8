// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;

/**
 * The entries of a directory in both layers at one time: first the upper ones, then what shows
 * below.
 */
final class MergedEntries {

    private final List<String> names = new ArrayList<>();
    private long[] numbers = new long[16];
    private byte[] types = new byte[16];

    int count() {
        return names.size();
    }

    String name(int i) {
        return names.get(i);
    }

    long number(int i) {
        return numbers[i];
    }

    int type(int i) {
        return types[i];
    }

    private void add(String name, long number, int type) {
        int n = names.size();
        if (n == numbers.length) {
            numbers = Arrays.copyOf(numbers, n * 2);
            types = Arrays.copyOf(types, n * 2);
        }
        names.add(name);
        numbers[n] = number;
        types[n] = (byte) type;
    }

    /**
     * Reads both layers. {@code path} stands for the directory where a layer's open wants a place.
     */
    void gather(CallContext context, OverlayDirectory directory, VfsPath path)
            throws ErrnoException {
        HashSet<String> covered = new HashSet<>();
        Inode above = directory.upperOrNull();
        if (above != null) {
            List<String> found = new ArrayList<>();
            List<Integer> kinds = new ArrayList<>();
            read(context, above, path, (name, number, type, offset) -> {
                found.add(name);
                kinds.add(type);
                return true;
            });
            for (int i = 0; i < found.size(); i++) {
                String name = found.get(i);
                OverlayInode child = directory.upperChild(context, name);
                if (child != null) {
                    covered.add(name);
                    add(name, child.number(context), kinds.get(i));
                }
            }
        }
        Inode below = directory.lower;
        if (below != null) {
            OverlayFilesystem filesystem = directory.filesystem;
            long device = filesystem.deviceOf(context, below);
            read(context, below, path, (name, number, type, offset) -> {
                if (!covered.contains(name) && !directory.hides(name)) {
                    add(name, filesystem.translate(device, number), type);
                }
                return true;
            });
        }
    }

    private static void read(
            CallContext context, Inode layer, VfsPath path, FileDescription.DirectorySink sink)
            throws ErrnoException {
        FileDescription file =
                layer.open(context, path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_NOATIME);
        try {
            long before = -1;
            while (file.position() != before) {
                before = file.position();
                file.iterate(
                        context,
                        (name, number, type, offset) ->
                                isDot(name) || sink.entry(name, number, type, offset));
            }
        } finally {
            file.release();
        }
    }

    private static boolean isDot(String name) {
        return name.equals(".") || name.equals("..");
    }
}
