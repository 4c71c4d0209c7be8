// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.fs.testing.Files.mkdir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.MountFlags;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What mounting and unmounting do below mounts that are peers and slaves of each other. */
final class PropagationProperties {

    private static final int PLACES = 5;
    private static final int[] TYPES = {
        MountFlags.MS_SHARED, MountFlags.MS_SLAVE, MountFlags.MS_PRIVATE, MountFlags.MS_UNBINDABLE
    };

    private TestContext c;

    @Property(tries = 150)
    void whatFollowsShowsTheSame(@ForAll @Size(max = 40) List<@IntRange(max = 9999) Integer> steps)
            throws ErrnoException {
        c = TestContext.onTmpfs();
        c.fs().mounts().registerType(Tmpfs.type(TestContext.pages(), 1 << 30));
        for (int i = 0; i < PLACES; i++) {
            mkdir(c, "/" + i);
        }
        Vfs.mount(c, "none", "/0", "tmpfs", 0, "");
        for (int i = 0; i < PLACES; i++) {
            mkdir(c, "/0/" + i);
        }
        for (int i = 1; i < PLACES; i++) {
            Vfs.mount(c, "/0", "/" + i, "", MountFlags.MS_BIND, "");
        }
        for (int step : steps) {
            String top = "/" + step / 10 % PLACES;
            String below = top + "/" + step / 100 % PLACES;
            try {
                switch (step % 10) {
                    case 0, 1, 2 ->
                        Vfs.mount(c, "none", top, "", TYPES[step / 100 % TYPES.length], "");
                    case 3 -> {
                        Vfs.umount(c, top, MountFlags.MNT_DETACH);
                        String from = "/" + step / 1000 % PLACES;
                        Vfs.mount(c, from, top, "", MountFlags.MS_BIND | MountFlags.MS_REC, "");
                    }
                    case 4, 5, 6 -> mount(below);
                    case 7, 8 -> umount(below);
                    default ->
                        c.fs().moveTo(c.fs().mounts().copy(c.fs().mounts().owner()));
                }
            } catch (ErrnoException refused) {
                // not mounted, unbindable, busy
            }
            checkStructure();
        }
    }

    /** Every follower that shows the place gets a mount of the same file system, lowest there. */
    private void mount(String below) throws ErrnoException {
        VfsPath place = MountNamespace.topOf(Vfs.resolve(c, null, below, 0));
        List<Mount> followers = Propagation.receivers(place.mount());
        Vfs.mount(c, "none", below, "tmpfs", 0, "");
        Mount made = MountNamespace.mountedOn(place.mount(), place.dentry());
        assertThat(made).isNotNull();
        for (Mount follower : followers) {
            Mount copy = MountNamespace.mountedOn(follower, place.dentry());
            if (!place.dentry().isAtOrBelow(follower.root())) {
                continue;
            }
            assertThat(copy).isNotNull();
            assertThat(copy.filesystem()).isSameAs(made.filesystem());
            if (follower.group == place.mount().group) {
                assertThat(copy.group).isSameAs(made.group);
            } else {
                assertThat(copy.master).isNotNull();
                assertThat(copy.group == null).isEqualTo(follower.group == null);
            }
        }
    }

    /** What a mount brought goes again everywhere where nothing is below it. */
    private void umount(String below) throws ErrnoException {
        VfsPath top = Vfs.resolve(c, null, below, 0);
        VfsPath at = top.mount().mountPoint();
        Set<Mount> followers =
                at == null ? Set.of() : new HashSet<>(Propagation.receivers(at.mount()));
        Filesystem filesystem = top.mount().filesystem();
        Vfs.umount(c, below, 0);
        for (Mount follower : followers) {
            Mount left = MountNamespace.mountedOn(follower, at.dentry());
            boolean same = left != null && left.filesystem() == filesystem;
            assertThat(same && left.children.isEmpty()).isFalse();
        }
    }

    private void checkStructure() {
        Set<Mount> all = new HashSet<>(c.fs().mounts().mounts());
        for (Mount m : Set.copyOf(all)) {
            if (m.group != null) {
                all.addAll(m.group.peers);
            }
        }
        for (Mount m : all) {
            VfsPath at = m.mountPoint();
            if (at != null) {
                assertThat(at.mount().children).contains(m);
                assertThat(at.mount().namespace).isSameAs(m.namespace);
            }
            assertThat(m.namespace).isNotNull();
            assertThat(m.namespace.mounts()).contains(m);
            if (m.group != null) {
                assertThat(m.group.peers).containsOnlyOnce(m);
                for (Mount peer : m.group.peers) {
                    assertThat(peer.master).isSameAs(m.master);
                }
            }
            if (m.master != null) {
                assertThat(m.master.slaves).containsOnlyOnce(m);
                assertThat(m.master.peers).isNotEmpty();
            }
        }
    }
}
