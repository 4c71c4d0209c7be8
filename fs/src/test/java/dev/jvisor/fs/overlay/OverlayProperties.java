// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.fs.testing.TreeActions;
import dev.jvisor.fs.testing.TreeActions.Action;
import dev.jvisor.fs.testing.TreeSnapshot;
import dev.jvisor.fs.tmpfs.Tmpfs;
import dev.jvisor.fs.vfs.MountNamespace;
import dev.jvisor.platform.abi.ErrnoException;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import java.util.List;

/**
 * An overlay over a tree behaves as a plain tmpfs that holds the same tree, and leaves the tree
 * alone.
 */
final class OverlayProperties {

    @Provide
    Arbitrary<List<Action>> below() {
        return TreeActions.actions().list().ofMinSize(5).ofMaxSize(40);
    }

    @Provide
    Arbitrary<List<Action>> changes() {
        return TreeActions.actions().list().ofMinSize(5).ofMaxSize(80);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void overlayBehavesAsTheTreeItShows(
            @ForAll("below") List<Action> below, @ForAll("changes") List<Action> changes)
            throws ErrnoException {
        Tmpfs lower = TestContext.newTmpfs();
        TestContext onLower = TestContext.on(lower);
        TestContext plain = TestContext.on(TestContext.newTmpfs());
        for (Action a : below) {
            TreeActions.apply(onLower, a);
            TreeActions.apply(plain, a);
        }
        var untouched = TreeSnapshot.of(onLower, "/");
        TestContext over = new TestContext(MountNamespace.create(
                new OverlayFilesystem(onLower, lower, TestContext.pages()), "none", 0));
        assertThat(TreeSnapshot.of(over, "/")).isEqualTo(untouched);
        for (Action a : changes) {
            assertThat(TreeActions.apply(over, a))
                    .as("%s", a)
                    .isEqualTo(TreeActions.apply(plain, a));
        }
        assertThat(TreeSnapshot.of(over, "/")).isEqualTo(TreeSnapshot.of(plain, "/"));
        assertThat(TreeSnapshot.of(onLower, "/")).isEqualTo(untouched);
    }
}
