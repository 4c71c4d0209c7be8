// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.IdMap;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** {@code uid_map}, {@code gid_map}, {@code setgroups} of a process (Linux: user_namespace.c). */
final class IdMapText {

    private static final int WIDTH = 10;
    private static final int TEXT_MAX = 4095; // Linux: PAGE_SIZE, less one
    private static final int SETGROUPS_MAX = 7;
    private static final int NONE = -1;

    private final UserNamespace namespace;
    private final boolean users;

    private IdMapText(UserNamespace namespace, boolean users) {
        this.namespace = namespace;
        this.users = users;
    }

    /** Writes a map as the reader's user namespace sees the ids outside. */
    static void show(String name, UserNamespace namespace, UserNamespace reader, TextBuffer out) {
        boolean users = name.equals("uid_map");
        UserNamespace parent = namespace.parent();
        UserNamespace lower = reader == namespace && parent != null ? parent : reader;
        IdMap map = users ? namespace.uids() : namespace.gids();
        IdMap theirs = users ? lower.uids() : lower.gids();
        for (int i = 0; i < map.size(); i++) {
            out.add(map.first(i) & 0xffffffffL, WIDTH).add(' ');
            out.add(theirs.fromKernel(map.kernelFirst(i)) & 0xffffffffL, WIDTH).add(' ');
            out.add(map.count(i) & 0xffffffffL, WIDTH).add('\n');
        }
    }

    /** Writes {@code setgroups}. EINVAL, EPERM. */
    static void storeSetgroups(UserNamespace namespace, String text, long offset)
            throws ErrnoException {
        if (offset != 0 || text.length() > SETGROUPS_MAX) {
            throw Errno.EINVAL.exception();
        }
        boolean allow = text.startsWith("allow");
        if (!allow && !text.startsWith("deny")) {
            throw Errno.EINVAL.exception();
        }
        for (int i = allow ? 5 : 4; i < text.length(); i++) {
            if (!Numbers.isSpace(text.charAt(i)) && text.charAt(i) != 0) {
                throw Errno.EINVAL.exception();
            }
        }
        namespace.setSetgroupsAllowed(allow);
    }

    /**
     * Writes {@code uid_map} or {@code gid_map}, once (Linux: map_write).
     *
     * @throws ErrnoException EINVAL for the form, EPERM for who may not
     */
    static void store(
            String name, CallContext context, UserNamespace namespace, String text, long offset)
            throws ErrnoException {
        UserNamespace parent = namespace.parent();
        UserNamespace writer = context.credentials().userNamespace();
        if (parent == null || writer != namespace && writer != parent) {
            throw Errno.EPERM.exception();
        }
        if (offset != 0 || text.length() > TEXT_MAX) {
            throw Errno.EINVAL.exception();
        }
        new IdMapText(namespace, name.equals("uid_map")).write(context.credentials(), parent, text);
    }

    private void write(Credentials who, UserNamespace parent, String text) throws ErrnoException {
        IdMap old = users ? namespace.uids() : namespace.gids();
        if (!old.isEmpty() || !who.hasIn(namespace, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.exception();
        }
        int[] extents = parse(text);
        if (!isPermitted(who, parent, extents)) {
            throw Errno.EPERM.exception();
        }
        IdMap above = users ? parent.uids() : parent.gids();
        for (int i = 0; i < extents.length; i += 3) {
            extents[i + 1] = above.rangeToKernel(extents[i + 1], extents[i + 2]);
            if (extents[i + 1] == NONE) {
                throw Errno.EPERM.exception();
            }
        }
        if (users) {
            namespace.setUids(new IdMap(extents));
        } else {
            namespace.setGids(new IdMap(extents));
        }
    }

    /** Linux: new_idmap_permitted. */
    private boolean isPermitted(Credentials who, UserNamespace parent, int[] extents) {
        if (users && mapsRoot(extents)) {
            boolean mayMapRoot = who.userNamespace() == namespace
                    ? namespace.ownerCouldSetFileCapabilities()
                    : who.hasIn(parent, Capabilities.CAP_SETFCAP);
            if (!mayMapRoot) {
                return false;
            }
        }
        if (extents.length == 3 && extents[2] == 1 && who.euid() == namespace.ownerUid()) {
            if (users && parent.kernelUid(extents[1]) == who.euid()) {
                return true;
            }
            if (!users
                    && !namespace.setgroupsAllowed()
                    && parent.kernelGid(extents[1]) == who.egid()) {
                return true;
            }
        }
        return who.hasIn(parent, users ? Capabilities.CAP_SETUID : Capabilities.CAP_SETGID);
    }

    private static boolean mapsRoot(int[] extents) {
        for (int i = 0; i < extents.length; i += 3) {
            if (extents[i + 1] == 0) {
                return true;
            }
        }
        return false;
    }

    private static int[] parse(String text) throws ErrnoException {
        int[] extents = new int[0];
        int start = 0;
        while (start < text.length() && text.charAt(start) != 0) {
            int end = text.indexOf('\n', start);
            if (end < 0) {
                end = text.length();
            }
            int[] line = parseLine(text.substring(start, end));
            checkOverlap(extents, line);
            if (extents.length == 3 * IdMap.EXTENTS_MAX) {
                throw Errno.EINVAL.exception();
            }
            int[] longer = new int[extents.length + 3];
            System.arraycopy(extents, 0, longer, 0, extents.length);
            System.arraycopy(line, 0, longer, extents.length, 3);
            extents = longer;
            start = end + 1;
        }
        if (extents.length == 0) {
            throw Errno.EINVAL.exception();
        }
        return extents;
    }

    private static int[] parseLine(String line) throws ErrnoException {
        int[] values = new int[3];
        int at = 0;
        for (int i = 0; i < 3; i++) {
            while (at < line.length() && Numbers.isSpace(line.charAt(at))) {
                at++;
            }
            int start = at;
            long value = 0;
            while (at < line.length() && line.charAt(at) >= '0' && line.charAt(at) <= '9') {
                value = Math.min(value * 10 + line.charAt(at++) - '0', 1L << 40);
            }
            if (at == start
                    || value > 0xffffffffL
                    || at < line.length() && !Numbers.isSpace(line.charAt(at))) {
                throw Errno.EINVAL.exception();
            }
            values[i] = (int) value;
        }
        while (at < line.length()) {
            if (!Numbers.isSpace(line.charAt(at)) && line.charAt(at) != 0) {
                throw Errno.EINVAL.exception();
            }
            at++;
        }
        long count = values[2] & 0xffffffffL;
        if (values[0] == NONE
                || values[1] == NONE
                || count == 0
                || (values[0] & 0xffffffffL) + count > 0xffffffffL
                || (values[1] & 0xffffffffL) + count > 0xffffffffL) {
            throw Errno.EINVAL.exception();
        }
        return values;
    }

    private static void checkOverlap(int[] extents, int[] line) throws ErrnoException {
        for (int i = 0; i < extents.length; i += 3) {
            for (int side = 0; side < 2; side++) {
                long first = extents[i + side] & 0xffffffffL;
                long other = line[side] & 0xffffffffL;
                boolean apart = first + (extents[i + 2] & 0xffffffffL) <= other
                        || other + (line[2] & 0xffffffffL) <= first;
                if (!apart) {
                    throw Errno.EINVAL.exception();
                }
            }
        }
    }
}
