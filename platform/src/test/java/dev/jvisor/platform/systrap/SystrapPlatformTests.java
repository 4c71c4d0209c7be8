// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.Platform;
import dev.jvisor.platform.PlatformContract;
import dev.jvisor.platform.memory.MemoryFile;

class SystrapPlatformTests extends PlatformContract {

    @Override
    protected Platform createPlatform() throws Exception {
        return SystrapPlatform.create(MemoryFile.create());
    }
}
