// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.testing;

import dev.jvisor.platform.abi.Errno;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.TreeMap;

/**
 * A tree of directories and files in the plainest way: no cache, no inodes on their own, no
 * symbolic links, root as the only caller. What the VFS has to agree with.
 */
public final class TreeModel {

    /** A directory if it has children, else a file. */
    private static final class Node {
        final @Nullable TreeMap<String, Node> children;
        String text = "";
        int links = 1;

        Node(boolean directory) {
            children = directory ? new TreeMap<>() : null;
        }
    }

    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;
        final Errno errno;

        Failure(Errno errno) {
            this.errno = errno;
        }
    }

    private final Node root = new Node(true);

    /** Whether the model knows a kind of action. */
    public static boolean knows(TreeActions.Action action) {
        return switch (action.kind()) {
            case WRITE, APPEND, MKDIR, RMDIR, UNLINK, RENAME, EXCHANGE, LINK, READ -> true;
            default -> false;
        };
    }

    /** Does an action; answers its error, or null. */
    public @Nullable Errno apply(TreeActions.Action a) {
        try {
            switch (a.kind()) {
                case WRITE -> file(a.path(), true).text = TreeActions.text(a);
                case APPEND -> file(a.path(), false).text += TreeActions.text(a);
                case READ -> read(a.path());
                case MKDIR -> mkdir(a.path());
                case RMDIR -> rmdir(a.path());
                case UNLINK -> unlink(a.path());
                case RENAME -> rename(a.path(), a.other(), false);
                case EXCHANGE -> rename(a.path(), a.other(), true);
                case LINK -> link(a.path(), a.other());
                default -> throw new AssertionError(a);
            }
            return null;
        } catch (Failure e) {
            return e.errno;
        }
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private TreeMap<String, Node> parent(String path) throws Failure {
        Node node = root;
        String[] parts = path.split("/");
        for (int i = 1; i < parts.length - 1; i++) {
            if (node.children == null) {
                throw new Failure(Errno.ENOTDIR);
            }
            node = node.children.get(parts[i]);
            if (node == null) {
                throw new Failure(Errno.ENOENT);
            }
        }
        if (node.children == null) {
            throw new Failure(Errno.ENOTDIR);
        }
        return node.children;
    }

    private Node find(String path) throws Failure {
        Node node = parent(path).get(name(path));
        if (node == null) {
            throw new Failure(Errno.ENOENT);
        }
        return node;
    }

    private Node file(String path, boolean creates) throws Failure {
        TreeMap<String, Node> parent = parent(path);
        Node node = parent.get(name(path));
        if (node == null) {
            if (!creates) {
                throw new Failure(Errno.ENOENT);
            }
            node = new Node(false);
            parent.put(name(path), node);
        }
        if (node.children != null) {
            throw new Failure(Errno.EISDIR);
        }
        return node;
    }

    private void read(String path) throws Failure {
        if (find(path).children != null) {
            throw new Failure(Errno.EISDIR);
        }
    }

    private void mkdir(String path) throws Failure {
        if (parent(path).containsKey(name(path))) {
            throw new Failure(Errno.EEXIST);
        }
        parent(path).put(name(path), new Node(true));
    }

    private void rmdir(String path) throws Failure {
        Node node = find(path);
        if (node.children == null) {
            throw new Failure(Errno.ENOTDIR);
        }
        if (!node.children.isEmpty()) {
            throw new Failure(Errno.ENOTEMPTY);
        }
        parent(path).remove(name(path));
    }

    private void unlink(String path) throws Failure {
        Node node = find(path);
        if (node.children != null) {
            throw new Failure(Errno.EISDIR);
        }
        node.links--;
        parent(path).remove(name(path));
    }

    private void link(String from, String to) throws Failure {
        Node node = find(from);
        if (parent(to).containsKey(name(to))) {
            throw new Failure(Errno.EEXIST);
        }
        if (node.children != null) {
            throw new Failure(Errno.EPERM);
        }
        node.links++;
        parent(to).put(name(to), node);
    }

    private void rename(String from, String to, boolean exchange) throws Failure {
        TreeMap<String, Node> oldParent = parent(from);
        TreeMap<String, Node> newParent = parent(to);
        Node moved = find(from);
        Node target = newParent.get(name(to));
        if (exchange && target == null) {
            throw new Failure(Errno.ENOENT);
        }
        if (to.startsWith(from + "/")) {
            throw new Failure(Errno.EINVAL);
        }
        if (from.startsWith(to + "/")) {
            throw new Failure(exchange ? Errno.EINVAL : Errno.ENOTEMPTY);
        }
        if (moved == target) {
            return;
        }
        if (target != null && !exchange) {
            if (moved.children == null && target.children != null) {
                throw new Failure(Errno.EISDIR);
            }
            if (moved.children != null && target.children == null) {
                throw new Failure(Errno.ENOTDIR);
            }
            if (target.children != null && !target.children.isEmpty()) {
                throw new Failure(Errno.ENOTEMPTY);
            }
            target.links--;
        }
        oldParent.remove(name(from));
        newParent.put(name(to), moved);
        if (exchange && target != null) {
            oldParent.put(name(from), target);
        }
    }

    /** Text for each path: contents and links of files, links of directories. */
    public Map<String, String> snapshot() {
        Map<String, String> seen = new TreeMap<>();
        walk("", root, seen);
        return seen;
    }

    private static void walk(String path, Node node, Map<String, String> seen) {
        if (node.children == null) {
            seen.put(path, node.links + " " + node.text);
            return;
        }
        int links = 2;
        for (Map.Entry<String, Node> e : node.children.entrySet()) {
            walk(path + "/" + e.getKey(), e.getValue(), seen);
            links += e.getValue().children != null ? 1 : 0;
        }
        seen.put(path.isEmpty() ? "/" : path, links + " directory");
    }
}
