// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.testing;

import dev.jvisor.fs.vfs.FileStatus;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** All that a program can see of a tree, as text for each path, to compare trees. */
public final class TreeSnapshot {

    private TreeSnapshot() {}

    public static Map<String, String> of(TestContext c, String root) throws ErrnoException {
        Map<String, String> seen = new TreeMap<>();
        walk(c, root, seen, new HashMap<>());
        return seen;
    }

    private static void walk(
            TestContext c, String path, Map<String, String> seen, Map<Long, String> firstNames)
            throws ErrnoException {
        FileStatus s = Files.stat(c, path);
        boolean directory = (s.mode & StatMode.S_IFMT) == StatMode.S_IFDIR;
        StringBuilder text = new StringBuilder();
        text.append(Integer.toOctalString(s.mode)).append(' ').append(s.uid).append(':');
        text.append(s.gid).append(" links ").append(s.links);
        String first = firstNames.putIfAbsent(s.inode, path);
        if (first != null) {
            text.append(" same as ").append(first);
        }
        switch (s.mode & StatMode.S_IFMT) {
            case StatMode.S_IFREG ->
                text.append(" size ")
                        .append(s.size)
                        .append(" [")
                        .append(Files.read(c, path))
                        .append(']');
            case StatMode.S_IFLNK -> text.append(" -> ").append(Vfs.readlink(c, null, path));
            case StatMode.S_IFCHR -> text.append(" device ").append(s.rdevice);
            default -> {}
        }
        seen.put(path, text.toString());
        if (directory) {
            for (String name : Files.list(c, path).stream().sorted().toList()) {
                walk(c, path.equals("/") ? "/" + name : path + "/" + name, seen, firstNames);
            }
        }
    }
}
