package dev.infuser.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Makes {@link InfuserEngine} known to DJL's service loader. */
public final class InfuserEngineProvider implements EngineProvider {

    @Override
    public String getEngineName() {
        return InfuserEngine.NAME;
    }

    @Override
    public int getEngineRank() {
        return InfuserEngine.RANK;
    }

    @Override
    public Engine getEngine() {
        return Holder.ENGINE;
    }

    private static final class Holder {
        static final Engine ENGINE = new InfuserEngine();
    }
}
