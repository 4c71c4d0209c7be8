// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import static dev.jvisor.fs.testing.Files.find;
import static dev.jvisor.fs.testing.Files.mkdir;
import static dev.jvisor.fs.testing.Files.rename;
import static dev.jvisor.fs.testing.Files.stat;
import static dev.jvisor.fs.testing.Files.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jvisor.fs.testing.Files;
import dev.jvisor.fs.testing.TestContext;
import dev.jvisor.platform.abi.ErrnoException;

import org.junit.jupiter.api.Test;

final class DentryCacheTests {

    @Test
    void cacheIsBoundedAndKeepsWhatIsInUse() throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        mkdir(c, "/d");
        mkdir(c, "/d/held");
        write(c, "/d/held/f", "x");
        VfsPath held = find(c, "/d/held");
        for (int i = 0; i < DentryCache.ENTRIES_MAX * 2; i++) {
            String path = "/d/missing" + i;
            Files.errnoOf(() -> stat(c, path));
        }
        DentryCache cache = held.mount().filesystem().dentryCache();
        assertThat(cache.size()).isLessThanOrEqualTo(DentryCache.ENTRIES_MAX + 64);
        assertThat(find(c, "/d/held").dentry()).isSameAs(held.dentry());
        rename(c, "/d", "/e");
        assertThat(Vfs.pathOf(c, held)).isEqualTo("/e/held");
        assertThat(Vfs.resolve(c, held, "f", 0)).isEqualTo(find(c, "/e/held/f"));
    }

    @Test
    void foundNamesAreNotLookedUpAgain() throws ErrnoException {
        TestContext c = TestContext.onTmpfs();
        write(c, "/f", "");
        assertThat(find(c, "/f").dentry()).isSameAs(find(c, "/f").dentry());
    }
}
