FROM node:20-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
USER node
# As npm start runs it: room for what lives briefly.
CMD ["node", "--max-semi-space-size=32", "dist/apps/api/main.js"]
