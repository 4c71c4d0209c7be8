// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Shared mounts that show what happens below any of them, and the slaves that follow (Linux: the
 * rings {@code mnt_share} and {@code mnt_slave}). Guarded by the mount lock.
 */
final class PeerGroup {

    private static final BitSet IDS = new BitSet();

    /** As mountinfo shows it: the lowest number that is free when the group is made. */
    final int id;

    final List<Mount> peers = new ArrayList<>();
    final List<Mount> slaves = new ArrayList<>();

    PeerGroup() {
        id = IDS.nextClearBit(1);
        IDS.set(id);
    }

    /** The last peer is gone. */
    private void end(@Nullable PeerGroup heir) {
        IDS.clear(id);
        for (Mount slave : slaves) {
            slave.master = heir;
            if (heir != null) {
                heir.slaves.add(slave);
            }
        }
        slaves.clear();
    }

    /** Makes a mount a peer of this group. */
    void join(Mount mount) {
        mount.group = this;
        peers.add(mount);
    }

    /** Takes a mount out of its group, whose slaves go to its master if it was the last. */
    static void leave(Mount mount) {
        PeerGroup group = mount.group;
        if (group == null) {
            return;
        }
        mount.group = null;
        group.peers.remove(mount);
        if (group.peers.isEmpty()) {
            group.end(mount.master);
        }
    }

    /** Makes a mount a slave of a group, or with null of none. */
    static void setMaster(Mount mount, @Nullable PeerGroup master) {
        PeerGroup old = mount.master;
        if (old == master) {
            return;
        }
        if (old != null) {
            old.slaves.remove(mount);
        }
        mount.master = master;
        if (master != null) {
            master.slaves.add(mount);
        }
    }
}
